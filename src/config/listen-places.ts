import { isIPv4, isIPv6 } from 'node:net'
import { ConfigError } from '../errors.ts'
import type { Problems } from '../problems.ts'
import type { SettledApi } from './api-config.ts'
import { placeOf } from './settings.ts'

/** Two APIs that would bind one address and port are a problem of the later one. Port 0 is another one each time. */
export function checkListenPlaces(apis: readonly SettledApi[], problems: Problems): void {
  for (const [index, api] of apis.entries()) {
    const other = apis.slice(0, index).find((earlier) => collide(earlier, api))
    if (other !== undefined) problems.try(() => refuse(other, api))
  }
}

function collide({ config: one }: SettledApi, { config: other }: SettledApi): boolean {
  if (isUnix(one.listen) || isUnix(other.listen)) return one.listen === other.listen
  return one.listen_port !== 0 && one.listen_port === other.listen_port && overlap(canonical(one.listen), canonical(other.listen))
}

/** `::` takes IPv4 connections as well. Host names are what they are called: what they resolve to is known when they are bound. */
function overlap(one: string, other: string): boolean {
  return one === other || covers(one, other) || covers(other, one)
}

function covers(wide: string, narrow: string): boolean {
  return wide === '::' || (wide === '0.0.0.0' && isIPv4(narrow))
}

/** RFC 5952 for IPv6, as URLs have it; an address of IPv4 that is written as one of IPv6 is that of IPv4. */
function canonical(listen: string): string {
  if (!isIPv6(listen) || listen.includes('%')) return listen.toLowerCase()
  const address = new URL(`http://[${listen}]`).hostname.slice(1, -1)
  const [, high, low] = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(address) ?? []
  if (high === undefined || low === undefined) return address
  return [high, low].flatMap((half) => [parseInt(half, 16) >> 8, parseInt(half, 16) & 0xff]).join('.')
}

function isUnix(listen: string): boolean {
  return listen.startsWith('unix:')
}

/** Throws {@link ConfigError} at what of the API's place is written, its port before its address. */
function refuse({ config: other }: SettledApi, { config, own }: SettledApi): never {
  const unix = isUnix(config.listen)
  const [setting = own.listen] = [unix ? own.listen : own.listen_port, own.listen].filter(({ assigned }) => assigned)
  throw new ConfigError({
    ...placeOf(setting),
    message: `${config.name} would listen on ${placeName(config)}, where ${other.name} listens (${placeName(other)})`,
    expected: unix ? 'another path' : 'another port, or another address',
  })
}

function placeName({ listen, listen_port }: SettledApi['config']): string {
  if (isUnix(listen)) return listen
  return `${isIPv6(listen) ? `[${listen}]` : listen}:${listen_port}`
}
