import { isAbsolute, join, normalize } from 'node:path'
import { unescape as percentDecode } from 'node:querystring'
import { ConfigError, type ConfigProblem } from '../errors.ts'

/** Where a setting stands: what of a {@link ConfigProblem} is known before anything is wrong. */
export type Place = Omit<ConfigProblem, 'message'> & { readonly file: string }

/** What a value names: a section of the same file, a section of another one, an entry of a distribution, or a function. */
export type Reference =
  | { readonly scheme: 'section'; readonly name: string }
  | { readonly scheme: 'config'; readonly file: string; readonly name: string }
  | { readonly scheme: 'egg'; readonly distribution: string; readonly entry: string }
  | { readonly scheme: 'call'; readonly target: string }

interface UriParts {
  readonly path: string
  readonly name: string
  /** What relative paths are relative to: never the working directory. */
  readonly directory: string
}

const SCHEMES: ReadonlyMap<string, (parts: UriParts) => Reference> = new Map([
  ['config', ({ path, name, directory }: UriParts): Reference => ({ scheme: 'config', file: configFile(path, directory), name })],
  ['egg', ({ path, name }: UriParts): Reference => ({ scheme: 'egg', distribution: path, entry: name })],
  ['call', ({ path }: UriParts): Reference => ({ scheme: 'call', target: path })],
])

/** A value with a scheme is a URI, any other the name of a section. */
const URI = /^([A-Za-z]+):([^#]*)(?:#(.*))?$/s

/**
 * Reads `scheme:path#name` (the scheme in any case, the name `main` when there is none) or the name of a section.
 * Throws {@link ConfigError} for a scheme nobody knows.
 */
export function parseReference(text: string, directory: string, place: Place): Reference {
  const [uri, scheme = '', path = '', name = 'main'] = URI.exec(text) ?? []
  if (uri === undefined) return { scheme: 'section', name: text }
  const read = SCHEMES.get(scheme.toLowerCase())
  if (read === undefined) {
    throw new ConfigError({ ...place, message: `URI scheme not known: '${scheme.toLowerCase()}' (from ${[...SCHEMES.keys()].join(', ')})` })
  }
  return read({ path, name, directory })
}

export function isUri(text: string): boolean {
  return URI.test(text)
}

/**
 * The file that a loader is of, and what it loads when it is asked for nothing else: `main` unless `config:path#name` says so.
 * Throws {@link ConfigError} for a relative `config:` without `relativeTo`.
 */
export function parseConfigPath(path: string, relativeTo?: string): { readonly file: string; readonly name: string } {
  const [, uri = '', name = 'main'] = /^config:([^#]*)(?:#(.*))?$/is.exec(path) ?? []
  if (uri === '') return { file: path, name }
  if (relativeTo === undefined && !isAbsolute(uri)) {
    throw new ConfigError({ message: `Cannot resolve relative uri '${path}'; no relative_to keyword argument given`, expected: 'relativeTo' })
  }
  return { file: configFile(uri, relativeTo ?? ''), name }
}

/** `\` separates as `/` does, and `///etc` is `/etc`. Only what stands in the file is decoded, not the directory it is joined to. */
function configFile(path: string, directory: string): string {
  const decoded = percentDecode(path.replaceAll('\\', '/')).trimEnd()
  return isAbsolute(path) ? normalize(decoded) : join(directory, decoded)
}
