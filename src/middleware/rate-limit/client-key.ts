import { createHash } from 'node:crypto'
import { isIPv6 } from 'node:net'
import type { HttpRequest } from '../../app.ts'
import { ConfigError } from '../../errors.ts'
import { isToken } from '../../is-token.ts'

/** Whose request this is, as far as a limit is concerned. */
export type ClientKey = (request: HttpRequest) => string

const LONGEST = 64
const MAPPED = '::ffff:'

/** Reads `client`, `user` or `header:<name>`. Throws ConfigError. */
export function asClientKey(value: string, option: string): ClientKey {
  if (value === 'client') return ofClient
  if (value === 'user') return headerKey('x-user-id', 'x-user')
  const [, name = ''] = /^header:\s*(.*)$/.exec(value) ?? []
  if (isToken(name)) return headerKey(name.toLowerCase())
  throw new ConfigError({ message: 'is no key', option, value, expected: 'client, user, or header: and the name of a header field' })
}

/**
 * The client's address; of an IPv6 address the first 64 bits, as whoever has one has all addresses of its network (RFC 6177). An IPv4
 * address is the same when it is written as an IPv6 one.
 */
export function ofClient({ client: { address } }: HttpRequest): string {
  if (!address.includes(':')) return short(address)
  if (address.startsWith(MAPPED) && address.includes('.')) return address.slice(MAPPED.length)
  return isIPv6(address) ? networkOf(address) : short(address)
}

/** Who does not send the field is known by its address, and cannot be taken for who does. */
function headerKey(name: string, older: string = name): ClientKey {
  return (request) => {
    const value = request.headers.get(name) ?? request.headers.get(older)
    return value === null ? ofClient(request) : short(`=${value}`)
  }
}

/** `2001:db8::1` and `2001:db8:0:0:1::` are both in `2001:db8:0:0`. */
function networkOf(address: string): string {
  const [head = '', tail] = address.toLowerCase().split('::')
  const groups = head === '' ? [] : head.split(':')
  const after = tail === undefined || tail === '' ? 0 : tail.split(':').length + (tail.includes('.') ? 1 : 0)
  const zeros = tail === undefined ? 0 : 8 - groups.length - after
  const all = [...groups, ...Array.from({ length: zeros }, () => '0'), ...(tail ?? '').split(':')]
  return all.slice(0, 4).map((group) => group.replace(/^0+(?=.)/, '')).join(':')
}

/** Clients choose what a field says; what is kept of it has a length of our choice. */
function short(key: string): string {
  return key.length <= LONGEST ? key : createHash('sha256').update(key).digest('base64')
}
