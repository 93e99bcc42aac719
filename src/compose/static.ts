import { once } from 'node:events'
import { ReadStream, type Stats, statSync } from 'node:fs'
import type { Readable } from 'node:stream'
import type { SendOptions, SendResult } from '@fastify/send'
import type { App, AppFactory, Conf, HttpReply, HttpRequest } from '../app.ts'
import { ConfigError, HttpError } from '../errors.ts'
import { pathFrom } from '../middleware/conf-file.ts'
import { asCount, asList, asOneOf, asText, readOptions } from '../middleware/converters.ts'

const DOTFILES = ['ignore', 'deny', 'allow'] as const

interface StaticOptions {
  document_root: string
  cache_max_age: number | undefined
  index: string[]
  dotfiles: (typeof DOTFILES)[number]
}

type Send = (request: Readable, path: string, options: SendOptions) => Promise<SendResult>

/** What decides whether the client needs the file, or which part of it (RFC 9110 §13.1, §14.2). */
const CONDITIONS = ['if-match', 'if-none-match', 'if-modified-since', 'if-unmodified-since', 'if-range', 'range', 'cache-control']
const MESSAGES: Readonly<Record<number, string>> = {
  400: 'The path is not valid.',
  403: 'The resource may not be read.',
  404: 'The resource could not be found.',
  412: 'A precondition of the request is not met.',
  416: 'The range is not within the resource.',
}
/** Asks whether something is there. */
const PROBE = { method: 'HEAD', headers: {} }
/** What a file that was there a moment ago may answer when it is opened. */
const OPEN_ERRORS: Readonly<Record<string, number>> = { EACCES: 403, EPERM: 403, ENOENT: 404 }

/**
 * Serves the files of a directory: Paste's static. GET and HEAD, ranges, `ETag`, `Last-Modified` and the conditions on them; a directory is its
 * index file, at a path that ends with `/`, where it redirects to. Options:
 *
 * - `document_root`: the directory; relative to the INI file. Required.
 * - `cache_max_age`: seconds a cache may keep a file. Default: nothing is said of caches.
 * - `index`: names of index files, the first that exists. Default `index.html`; empty for none.
 * - `dotfiles`: what becomes of names that start with a dot: `ignore` (404, the default), `deny` (403) or `allow`.
 *
 * ```ini
 * [app:docs]
 * use = egg:Paste#static
 * document_root = %(here)s/public
 * cache_max_age = 3600
 * ```
 *
 * A path cannot leave the directory, however it is written; a symbolic link in it can, as in Paste: who may make links there says what is
 * served. Anything that is no file, as a pipe, is not there. Paste's ETag is only the file's time; this one has its size too (RFC 9110 §8.8.3).
 */
export const staticFactory: AppFactory = async (globalConf, localConf) => {
  const options = readSendOptions(globalConf, localConf)
  const { send } = await import('@fastify/send')
  return makeApp(send, options)
}

function readSendOptions(globalConf: Conf, localConf: Conf): SendOptions {
  const options = readOptions<StaticOptions>(localConf, {
    document_root: [asText, ''],
    cache_max_age: [asCount, undefined],
    index: [asList, ['index.html']],
    dotfiles: [asOneOf(DOTFILES), 'ignore'],
  })
  const maxAge = options.cache_max_age
  return {
    root: rootOf(options.document_root, globalConf),
    index: options.index,
    dotfiles: options.dotfiles,
    onFile: refuseSpecial,
    cacheControl: maxAge !== undefined,
    maxAge: (maxAge ?? 0) * 1000,
  }
}

function rootOf(value: string, globalConf: Conf): string {
  const problem = { option: 'document_root', expected: 'a directory' }
  if (value === '') throw new ConfigError({ ...problem, message: 'is missing' })
  const root = pathFrom(globalConf, value)
  if (statSync(root, { throwIfNoEntry: false })?.isDirectory() !== true) throw new ConfigError({ ...problem, message: 'is no directory', value: root })
  return root
}

function refuseSpecial(_path: string, stat: Stats): void {
  if (!stat.isFile()) throw failure(404)
}

function makeApp(send: Send, options: SendOptions): App {
  return async (request) => {
    const { method, rawPathInfo: path } = request
    const isRead = method === 'GET' || method === 'HEAD'
    if (path === '') return isRead ? redirect(request) : refuseMethod()
    const sent = await send((isRead ? conditionsOf(request) : PROBE) as unknown as Readable, path, options)
    if (sent.type === 'error') throw failure(sent.statusCode, sent.metadata.error, sent.headers['Content-Range'])
    if (!isRead) return refuseMethod()
    return sent.type === 'directory' ? redirect(request) : reply(sent)
  }
}

/** Only of what is there: a cascade asks the next app for the rest, whatever the method. */
function refuseMethod(): never {
  throw new HttpError(405, 'A file is read by GET or HEAD.', { headers: { allow: 'GET, HEAD' } })
}

/** All that the library reads of a request. */
function conditionsOf({ method, headers }: HttpRequest): object {
  const given = CONDITIONS.map((name) => [name, headers.get(name)] as const).filter(([, value]) => value !== null)
  return { method, headers: Object.fromEntries(given) }
}

/** What has no content, as a 304 or the answer to HEAD, comes with a stream that is no file's. */
async function reply({ statusCode, headers, stream }: SendResult): Promise<HttpReply> {
  const fields = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
  if (!(stream instanceof ReadStream)) return { status: statusCode, headers: fields }
  await once(stream, 'open').catch((error: NodeJS.ErrnoException) => {
    throw failure(OPEN_ERRORS[error.code ?? ''] ?? 500, error)
  })
  return { status: statusCode, headers: fields, body: stream }
}

/** The same place with a `/`, so that relative links in the index file are below it. `//host` would be another server (RFC 3986 §4.2). */
function redirect({ rawScriptName, rawPathInfo, queryString }: HttpRequest): HttpReply {
  const path = `${rawScriptName}${rawPathInfo}/`.replace(/^[/\\]+/, '/')
  return { status: 301, headers: { location: queryString === '' ? path : `${path}?${queryString}` } }
}

function failure(status: number, cause?: unknown, range?: string): HttpError {
  return new HttpError(status, MESSAGES[status] ?? 'The file cannot be read.', { cause, headers: range === undefined ? {} : { 'content-range': range } })
}
