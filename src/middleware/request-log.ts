import type { FilterFactory, HttpReply, HttpRequest } from '../app.ts'
import { systemClock, type Clock } from '../clock.ts'
import { emit, isHeard } from '../events.ts'
import { statusOf } from '../fault-reply.ts'
import { readOptions } from './converters.ts'
import { globalIdOf } from './request-id.ts'
import { watch, type Outcome } from './watch.ts'

/** What a service says of the microversion it has answered by: `compute 2.90`, or before there was a field for all, `2.90`. */
const MICROVERSION = /^(?:openstack|x-openstack-[a-z]+)-api-version$/

/**
 * Publishes one `request.logged` for each request, as nova's request_log logs one, when the app has answered or thrown. Beside what the
 * access log has, of the server's `request`, it tells what only the pipeline knows: the path with the prefix a proxy has taken off, the
 * global request id, the microversion, and the user and project that an auth filter inside it has found. Its time ends before the body is
 * sent, and the length of a body that is still to be written as JSON is not known. Has no options.
 *
 * ```ini
 * [filter:request_log]
 * use = egg:millrace#request_log
 * ```
 */
export const requestLog: FilterFactory = makeRequestLog(systemClock)

/** The same with another clock. */
export function makeRequestLog(clock: Clock): FilterFactory {
  return (_globalConf, localConf) => {
    readOptions(localConf, {})
    return (next) => (request) => {
      if (!isHeard('request.logged')) return next(request)
      const [begun, before] = [clock.now(), readIdentity(request)]
      return watch(next, request, (outcome) => log(request, outcome, before, (clock.now() - begun) / 1000))
    }
  }
}

interface Identity {
  user: string | null
  project: string | null
}

function readIdentity({ headers }: HttpRequest): Identity {
  return { user: headers.get('x-user-id'), project: headers.get('x-project-id') }
}

function log(request: HttpRequest, { reply, error }: Outcome, before: Identity, seconds: number): void {
  const { server, id, client, method } = request
  const identity = readIdentity(request)
  emit('request.logged', {
    api: server.name,
    id,
    globalId: globalIdOf(request),
    client: client.address,
    method,
    uri: uriOf(request),
    status: reply === null ? statusOf(error) : (reply.status ?? 200),
    length: reply === null ? null : lengthOf(reply),
    microversion: reply === null ? null : microversionOf(reply),
    // What came with the request may be anybody's word; an auth filter inside has replaced it.
    user: identity.user === before.user ? null : identity.user,
    project: identity.project === before.project ? null : identity.project,
    seconds,
  })
}

function uriOf({ rawScriptName, rawPathInfo, queryString }: HttpRequest): string {
  return `${rawScriptName}${rawPathInfo}${queryString === '' ? '' : `?${queryString}`}`
}

/** In octets. */
function lengthOf({ headers, body }: HttpReply): number | null {
  const said = headers?.['content-length']
  if (said !== undefined) return Number(said)
  if (body === undefined || body === null) return 0
  if (typeof body === 'string') return Buffer.byteLength(body)
  return body instanceof Uint8Array ? body.length : null
}

function microversionOf({ headers = {} }: HttpReply): string | null {
  const name = Object.keys(headers).find((name) => MICROVERSION.test(name))
  return name === undefined ? null : String(headers[name]).replace(/^.* /, '')
}
