import type { FilterFactory, HttpReply, HttpRequest } from '../app.ts'
import { ConfigError } from '../errors.ts'
import { after } from './after.ts'
import { asFieldNames, readOptions, type Converter, type OptionTable } from './converters.ts'

/** What each option is sent as. */
const FIELDS = {
  content_type_options: 'x-content-type-options',
  frame_options: 'x-frame-options',
  content_security_policy: 'content-security-policy',
  referrer_policy: 'referrer-policy',
  permissions_policy: 'permissions-policy',
  cross_origin_opener_policy: 'cross-origin-opener-policy',
  cross_origin_resource_policy: 'cross-origin-resource-policy',
  strict_transport_security: 'strict-transport-security',
} as const

type Options = Record<keyof typeof FIELDS, string> & { remove: readonly string[] }
type Field = readonly [name: string, value: string]

const OPTIONS: OptionTable<Options> = {
  content_type_options: [asField, 'nosniff'],
  frame_options: [asField, 'DENY'],
  content_security_policy: [asField, "default-src 'none'; frame-ancestors 'none'"],
  referrer_policy: [asField, 'no-referrer'],
  permissions_policy: [asField, ''],
  cross_origin_opener_policy: [asField, 'same-origin'],
  cross_origin_resource_policy: [asField, 'same-origin'],
  strict_transport_security: [asField, 'max-age=31536000'],
  remove: [orOff(asFieldNames, []), ['server', 'x-powered-by']],
}

/**
 * Adds the fields that tell a browser what it must not do with a reply. The defaults are for an API, whose replies are no pages; what the
 * app has set itself is left alone. Each value is sent as it stands; `off` sends none.
 *
 * - `strict_transport_security`: default `max-age=31536000` (seconds), only sent by https (RFC 6797 §7.2). Add `; includeSubDomains` when
 *   all of them speak https.
 * - `content_type_options`: X-Content-Type-Options, default `nosniff`.
 * - `content_security_policy`: default `default-src 'none'; frame-ancestors 'none'`.
 * - `frame_options`: X-Frame-Options, for browsers that know no `frame-ancestors`; default `DENY`.
 * - `referrer_policy`: default `no-referrer`.
 * - `permissions_policy`: default off; for instance `geolocation=(), camera=()`.
 * - `cross_origin_opener_policy`: default `same-origin`.
 * - `cross_origin_resource_policy`: default `same-origin`; `cross-origin` when other sites may embed what is served.
 * - `remove`: fields taken out of what the app sends, default `server x-powered-by`.
 *
 * ```ini
 * [filter:secure_headers]
 * use = egg:millrace#secure_headers
 * frame_options = SAMEORIGIN
 * content_security_policy = default-src 'self'
 * ```
 *
 * Errors carry the fields only where something inside this filter answers them: put `faultwrap` after it in the pipeline.
 */
export const secureHeaders: FilterFactory = (_globalConf, localConf) => {
  const options = readOptions(localConf, OPTIONS)
  const fields = fieldsOf(options)
  const plain = fields.filter(([name]) => name !== FIELDS.strict_transport_security)
  const change = (reply: HttpReply, request: HttpRequest): HttpReply => {
    const headers = (reply.headers ??= {})
    for (const name of options.remove) delete headers[name]
    for (const [name, value] of request.scheme === 'https' ? fields : plain) headers[name] ??= value
    return reply
  }
  return (next) => (request) => after(next(request), change, request)
}

function fieldsOf(options: Options): readonly Field[] {
  const names = Object.keys(FIELDS) as (keyof typeof FIELDS)[]
  return names.map((name): Field => [FIELDS[name], options[name]]).filter(([, value]) => value !== '')
}

/** Empty for `off`. Throws ConfigError for what no field may have (RFC 9110 §5.5). */
function asField(value: string, option: string): string {
  if (value.toLowerCase() === 'off') return ''
  if (value !== '' && /^[\t\x20-\x7e]*$/.test(value)) return value
  throw new ConfigError({ message: 'is not the value of a header field', option, value, expected: 'printable ASCII in one line, or off' })
}

function orOff<T>(convert: Converter<T>, none: T): Converter<T> {
  return (value, option) => (value.toLowerCase() === 'off' ? none : convert(value, option))
}
