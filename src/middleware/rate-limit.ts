import type { LRUCache } from 'lru-cache'
import type { Conf, Filter, FilterFactory, HttpReply } from '../app.ts'
import { systemClock, type Clock } from '../clock.ts'
import { ConfigError, HttpError } from '../errors.ts'
import type { Networks } from '../networks.ts'
import { after } from './after.ts'
import { asClientKey, ofClient, type ClientKey } from './rate-limit/client-key.ts'
import { asBool, asCount, asIntFrom, asNetworks, readOptions, type OptionTable } from './converters.ts'
import { TokenBucket, type Rate } from './rate-limit/token-bucket.ts'

interface Options {
  limit: Omit<Rate, 'burst'>
  burst: number
  key: ClientKey
  max_keys: number
  exempt: Networks | null
  fields: boolean
  policy: string
}

type Buckets = LRUCache<string, TokenBucket>
type Say = (bucket: TokenBucket) => Record<string, string>

const UNITS: Readonly<Record<string, number>> = { second: 1, minute: 60, hour: 3600, day: 86_400 }

const OPTIONS: OptionTable<Options> = {
  limit: [asLimit, { count: 100, seconds: 60 }],
  burst: [asCount, 0],
  key: [asClientKey, ofClient],
  max_keys: [asIntFrom(1), 10_000],
  exempt: [asNetworks, null],
  fields: [asBool, true],
  policy: [asPolicy, 'default'],
}

/**
 * Answers 429 with Retry-After to clients that ask too often (RFC 6585 §4). Each has a bucket that fills evenly and from which every
 * request takes one.
 *
 * - `limit`: a number of requests per `second`, `minute`, `hour` or `day`, or per several: `10/5 seconds`. Default `100/minute`.
 * - `burst`: how many may come at once after a pause; 0, the default, is as many as `limit` names.
 * - `key`: whose requests are counted together: `client` (the default) by address, IPv6 by its first 64 bits; `user` by X-User-Id or X-User,
 *   which `auth_token` and `basic_auth` set, so put this after them; `header:X-Api-Key` by that field, which clients can choose. Who has none counts by address.
 * - `max_keys`: how many clients are remembered, default 10000; then who has been silent longest is forgotten. About 200 bytes each.
 * - `exempt`: addresses and networks that are not counted, for instance `127.0.0.1 10.0.0.0/8 unix`. Default none.
 * - `fields`: sends RateLimit and RateLimit-Policy (draft-ietf-httpapi-ratelimit-headers-10) with each reply. Default true.
 * - `policy`: what they call this limit, default `default`.
 *
 * ```ini
 * [filter:rate_limit]
 * use = egg:millrace#rate_limit
 * limit = 100/minute
 * burst = 20
 * exempt = 10.0.0.0/8
 * ```
 *
 * Each worker counts on its own: with N of them a client may get N times the limit, as its connections come to any. Behind a proxy every
 * client has the proxy's address until a filter in front of this one has set the real one (`http_proxy_to_wsgi`). Errors carry the fields
 * only where something inside this filter answers them: put `faultwrap` after it, and one in front of it as well for its own 429.
 */
export const rateLimit: FilterFactory = (_globalConf, localConf) => makeRateLimit(localConf, systemClock)

/** {@link rateLimit} by another clock. */
export async function makeRateLimit(localConf: Conf, clock: Clock): Promise<Filter> {
  const { limit, burst, key, max_keys: max, exempt, fields, policy } = readOptions(localConf, OPTIONS)
  const rate: Rate = { ...limit, burst: burst === 0 ? limit.count : burst }
  const { LRUCache } = await import('lru-cache')
  const buckets: Buckets = new LRUCache<string, TokenBucket>({ max })
  const say = fields ? sayer(policy, rate) : sayNothing
  return (next) => (request) => {
    if (exempt?.has(request.client.address) === true) return next(request)
    const now = clock.now()
    const bucket = bucketOf(key(request), buckets, rate, now)
    if (!bucket.take(rate, now)) throw refusal(bucket, rate, say)
    return fields ? after(next(request), (reply) => addFields(reply, say(bucket)), request) : next(request)
  }
}

function bucketOf(key: string, buckets: Buckets, rate: Rate, now: number): TokenBucket {
  const known = buckets.get(key)
  if (known !== undefined) return known
  const bucket = new TokenBucket(rate, now)
  buckets.set(key, bucket)
  return bucket
}

/** `t` is when there will be one more, as Retry-After is: the two must name the same moment. */
function sayer(policy: string, rate: Rate): Say {
  const allowed = `"${policy}";q=${rate.count};w=${rate.seconds}`
  return (bucket) => ({ 'ratelimit-policy': allowed, ratelimit: `"${policy}";r=${bucket.left(rate)};t=${bucket.wait(rate)}` })
}

function sayNothing(): Record<string, string> {
  return {}
}

function refusal(bucket: TokenBucket, rate: Rate, say: Say): HttpError {
  const wait = String(bucket.wait(rate))
  return new HttpError(429, `Too many requests; try again in ${wait} s.`, { headers: { 'retry-after': wait, ...say(bucket) } })
}

function addFields(reply: HttpReply, fields: Record<string, string>): HttpReply {
  Object.assign((reply.headers ??= {}), fields)
  return reply
}

function asLimit(value: string, option: string): Options['limit'] {
  const [, count, several, unit = ''] = /^\s*(\d+)\s*\/\s*(?:(\d+)\s*)?([a-z]+?)s?\s*$/.exec(value) ?? []
  const limit = { count: Number(count), seconds: Number(several ?? 1) * (UNITS[unit] ?? 0) }
  if (limit.count > 0 && limit.seconds > 0) return limit
  throw new ConfigError({ message: 'is not a limit', option, value, expected: 'a number and a time, such as 100/minute, 5/second or 10/5 seconds' })
}

/** What stands in quotes as it is (RFC 9651 §3.3.3). */
function asPolicy(value: string, option: string): string {
  if (/^[\w.-]+$/.test(value)) return value
  throw new ConfigError({ message: 'is no name', option, value, expected: 'letters, digits, dots and dashes' })
}
