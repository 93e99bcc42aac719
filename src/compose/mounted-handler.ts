import { inspect } from 'node:util'
import type { CompositeLoader, Conf, HttpRequest } from '../app.ts'
import { ConfigError } from '../errors.ts'
import { asBool, asText, readOptions } from '../middleware/converters.ts'

/** What a section says of an app that was written for another server. */
export interface MountedHandler {
  /** What `handler` names. */
  readonly exported: unknown
  /** The app sees what lies below its mount point, as if that were the whole. */
  readonly stripsMount: boolean
}

/**
 * Reads `handler` and `strip_mount`, and imports what the first one names.
 * @throws ConfigError
 */
export async function importHandler(loader: CompositeLoader, localConf: Conf): Promise<MountedHandler> {
  const options = readOptions(localConf, { handler: [asText, ''], strip_mount: [asBool, true] })
  if (options.handler === '') throw new ConfigError({ message: 'is not set', option: 'handler', expected: 'module:export, for instance ./app.js:app' })
  return { exported: await loader.getExport(options.handler), stripsMount: options.strip_mount }
}

/** Throws ConfigError: what `handler` names cannot be called. */
export function refuseHandler(localConf: Conf, exported: unknown, expected: string): never {
  const shown = inspect(exported, { depth: 0, breakLength: Number.POSITIVE_INFINITY })
  throw new ConfigError({ message: `is ${shown}`, option: 'handler', value: localConf['handler'], expected })
}

/** Path and query below the mount point. */
export function urlBelowMount(request: HttpRequest): string {
  return `${request.rawPathInfo === '' ? '/' : request.rawPathInfo}${queryOf(request)}`
}

/** Path and query with the mount point. */
export function wholeUrl(request: HttpRequest): string {
  const path = `${request.rawScriptName}${request.rawPathInfo}`
  return `${path === '' ? '/' : path}${queryOf(request)}`
}

function queryOf({ queryString }: HttpRequest): string {
  return queryString === '' ? '' : `?${queryString}`
}
