import { existsSync } from 'node:fs'
import type { App, AppFactory, FilterFactory, HttpReply, HttpRequest } from '../app.ts'
import { ConfigError, HttpError } from '../errors.ts'
import { asBool, asList, asText, readOptions, type OptionTable } from './converters.ts'

interface CheckOptions {
  detailed: boolean
  disable_by_file_path: string
  disable_by_file_paths: ReadonlyMap<number, string>
}

/** What one check found: `reason` is `OK` or why the service is not available. */
interface Finding {
  class: string
  reason: string
  details: string
}

type Check = (request: HttpRequest) => Finding

const CHECK_OPTIONS: OptionTable<CheckOptions> = {
  detailed: [asBool, false],
  disable_by_file_path: [asText, ''],
  disable_by_file_paths: [asPathsByPort, new Map()],
}

/**
 * Answers a load balancer at one path, GET and HEAD: 200 `OK`, or 503 with the reason from the moment the server stops or while a
 * file exists, as oslo.middleware's healthcheck does.
 *
 * - `path`: default `/healthcheck`, below the place the filter is mounted at.
 * - `disable_by_file_path`: while this file exists the answer is 503 `DISABLED BY FILE`.
 * - `disable_by_file_paths`: the same by port: `8774:/run/compute.off, 8775:/run/metadata.off`.
 * - `detailed`: answer with JSON that names every check, the process and its versions. Default false.
 */
export const healthcheck: FilterFactory = (_globalConf, localConf) => {
  const { path, ...options } = readOptions(localConf, { path: [asText, '/healthcheck'], ...CHECK_OPTIONS })
  const health = makeHealthApp(options)
  return (next) => (request) => (request.rawPathInfo === path ? health(request) : next(request))
}

/** The same as an app, to be mounted at a path of its own; its options are the filter's but for `path`. */
export const healthcheckApp: AppFactory = (_globalConf, localConf) => makeHealthApp(readOptions(localConf, CHECK_OPTIONS))

function makeHealthApp(options: CheckOptions): App {
  const checks: readonly Check[] = [checkStopping, makeFileCheck(options)]
  const present = options.detailed ? presentDetails : presentText
  return (request) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      throw new HttpError(405, 'A health check is a GET or a HEAD.', { headers: { allow: 'GET, HEAD' } })
    }
    return present(checks.map((check) => check(request)), request)
  }
}

function checkStopping({ server }: HttpRequest): Finding {
  return server.stopping
    ? { class: 'Stopping', reason: 'STOPPING', details: 'The server stops' }
    : { class: 'Stopping', reason: 'OK', details: 'The server runs' }
}

function makeFileCheck({ disable_by_file_path: everywhere, disable_by_file_paths: byPort }: CheckOptions): Check {
  return ({ server }) => {
    const found = [everywhere, byPort.get(server.port) ?? ''].find((path) => path !== '' && existsSync(path))
    return found === undefined
      ? { class: 'DisableByFile', reason: 'OK', details: 'No such file' }
      : { class: 'DisableByFile', reason: 'DISABLED BY FILE', details: `${found} exists` }
  }
}

function statusOf(findings: readonly Finding[]): number {
  return findings.every(({ reason }) => reason === 'OK') ? 200 : 503
}

function presentText(findings: readonly Finding[]): HttpReply {
  const reasons = findings.map(({ reason }) => reason).filter((reason) => reason !== 'OK')
  return { status: statusOf(findings), headers: { 'content-type': 'text/plain; charset=UTF-8' }, body: reasons.join('\n') || 'OK' }
}

function presentDetails(findings: readonly Finding[], { server }: HttpRequest): HttpReply {
  const { pid, platform, version } = process
  const body = { detailed: true, reasons: findings, api: server.name, pid, platform, node_version: version, uptime: process.uptime() }
  return { status: statusOf(findings), body }
}

function asPathsByPort(value: string, option: string): Map<number, string> {
  return new Map(
    asList(value).map((item) => {
      const [, port, path] = /^(\d+):(.+)$/.exec(item) ?? []
      if (port === undefined || path === undefined) {
        throw new ConfigError({ message: 'names no port', option, value: item, expected: 'port:/path, for instance 8774:/run/compute.off' })
      }
      return [Number(port), path]
    }),
  )
}
