import type { FilterFactory, HttpReply, HttpRequest } from '../app.ts'
import { emit, isHeard, type ShownFields } from '../events.ts'
import { asBool, readOptions } from './converters.ts'
import { watch, type Outcome } from './watch.ts'

const SECRET = /authorization|cookie|token|secret|passw|credential|signature|(?:^|[-_]|api)key$/
const MASK = '***'

/** How much of a body is shown, in characters. */
const MOST = 4096

/**
 * Publishes one `request.shown` for each request, at level debug in the log: its fields and those of the reply, where oslo.middleware's
 * debug prints them. What has the name of a secret is masked, as `authorization`, `cookie`, `set-cookie` and `x-auth-token` are.
 *
 * - `body`: show the first 4096 characters of the reply's body too; of a stream nothing, as reading it would change it. Default false.
 *
 * ```ini
 * [filter:debug]
 * use = egg:millrace#debug
 * ```
 */
export const debug: FilterFactory = (_globalConf, localConf) => {
  const { body } = readOptions(localConf, { body: [asBool, false] })
  return (next) => (request) => {
    if (!isHeard('request.shown')) return next(request)
    const fields = mask(request.headers.entries())
    return watch(next, request, (outcome) => show(request, fields, outcome, body))
  }
}

function show(request: HttpRequest, fields: ShownFields, { reply, error }: Outcome, withBody: boolean): void {
  const { server, id, client, method, target } = request
  emit('request.shown', {
    api: server.name,
    id,
    client: client.address,
    method,
    target,
    fields,
    status: reply === null ? null : (reply.status ?? 200),
    replyFields: reply === null ? null : mask(Object.entries(reply.headers ?? {})),
    body: withBody && reply !== null ? beginningOf(reply.body) : null,
    ...(error !== undefined && { error }),
  })
}

function mask(fields: Iterable<[string, string | number | readonly string[]]>): ShownFields {
  return Object.fromEntries([...fields].map(([name, value]) => [name, SECRET.test(name) ? MASK : typeof value === 'number' ? String(value) : value]))
}

function beginningOf(body: HttpReply['body']): string | null {
  if (typeof body === 'string') return body.slice(0, MOST)
  if (body instanceof Uint8Array) return new TextDecoder().decode(body.subarray(0, MOST))
  if (typeof body !== 'object' || body === null || body instanceof ReadableStream || Symbol.asyncIterator in body) return null
  return JSON.stringify(body)?.slice(0, MOST) ?? null
}
