import { existsSync } from 'node:fs'
import { isAbsolute } from 'node:path'
import { type Clock, systemClock } from '../clock.ts'
import type { ApiConfig } from '../config/api-config.ts'
import { type Config, type ConfigRequest, examineConfig } from '../config/load.ts'
import { ConfigError, type ConfigProblem } from '../errors.ts'
import { printable } from '../printable.ts'
import { Problems } from '../problems.ts'
import { loadInChild } from './check-child.ts'
import { exitCodes } from './exit-codes.ts'
import { describeFinding, distinct, errorsIn, listFinding, warningsOf, type Finding } from './finding.ts'
import { loaderOf } from '../loaders.ts'
import { findServable, NO_APIS, type ServableApis } from './servable-apis.ts'

export interface CheckOptions {
  readonly json: boolean
  /** Seconds that each API may take to load; 0 is no limit. */
  readonly timeout: number
  readonly clock?: Clock
}

/**
 * `millrace check`: everything that `serve` would refuse, and all of it: the configuration, and each enabled API, loaded in a process of
 * its own. Nothing is bound. Prints what is wrong to standard error, or as JSON to standard output; resolves with the exit code.
 */
export async function check(request: ConfigRequest, { json, timeout, clock = systemClock }: CheckOptions): Promise<number> {
  const { config, problems } = examineConfig(request)
  const servable = findServable({ ...config, apis: config.apis.filter(hasPasteFile) }, problems)
  if (servable.apis.length === 0 && problems.count === 0) problems.add(noApis(config))
  const loaded = await Promise.all(servable.apis.map((api) => loadInChild(orderOf(api), placeOf(api), { timeout, clock })))
  const findings = distinct([...warningsOf(config.warnings), ...warningsOfApis(servable), ...errorsIn(problems), ...loaded.flat()])
  const errors = findings.filter(({ level }) => level === 'error').length
  if (json) process.stdout.write(`${printable(JSON.stringify(findings.map(listFinding), null, 2))}\n`)
  else print(findings, errors, servable.apis)
  return errors === 0 ? exitCodes.ok : exitCodes.usage
}

function print(findings: readonly Finding[], errors: number, apis: readonly ApiConfig[]): void {
  for (const finding of findings) process.stderr.write(`${printable(describeFinding(finding))}\n`)
  if (errors === 0) process.stdout.write(`ok: ${apis.map(({ name }) => name).join(', ')} can be served\n`)
  else process.stderr.write(`${errors} ${errors === 1 ? 'problem' : 'problems'}\n`)
}

function noApis(config: Config): ConfigError {
  const { file, line } = config.sourceOf('DEFAULT', 'enabled_apis')
  const message = config.settings.enabled_apis.length === 0 ? 'enabled_apis names no API' : NO_APIS
  return new ConfigError(line === undefined ? { message } : { file, line, message })
}

function orderOf({ name, wsgi }: ApiConfig): { api: string; pasteFile: string } {
  return { api: name, pasteFile: wsgi.api_paste_config }
}

/** Of the API's section; nowhere when the paste file is too wrong to tell. */
function placeOf(api: ApiConfig): Partial<ConfigProblem> {
  const node = new Problems().try(() => loaderOf(api).describeApp(api.name))
  return { file: node?.file, line: node?.line }
}

/** What was found is absolute; what was not is a problem already. */
function hasPasteFile({ wsgi: { api_paste_config: file } }: ApiConfig): boolean {
  return isAbsolute(file) && existsSync(file)
}

function warningsOfApis({ absent, warnings }: ServableApis): Finding[] {
  return [...absent, ...warnings].flatMap((warning) => warningsOf([warning], warning.api))
}
