import { isIP } from 'node:net'
import { ConfigError } from '../../errors.ts'

/** Where requests are passed on to. */
export interface Upstream {
  /** Scheme, host and port. */
  readonly origin: string
  /** The value of Host. */
  readonly host: string
  /** The name TLS asks for; empty for an address (RFC 6066 §3). */
  readonly serverName: string
  /** What stands before each path, percent-encoded, with no `/` at its end. */
  readonly base: string
  /** True when the address ends with `/`: so does the path of what is asked for at the mount point itself. */
  readonly isDirectory: boolean
  readonly socketPath: string | undefined
}

const EXPECTED = 'http://host:port/path, https://host:port/path or unix:/path/to/socket'

/** @throws ConfigError */
export function readAddress(value: string, option: string): Upstream {
  if (value.startsWith('unix:/')) {
    return { origin: 'http://localhost', host: 'localhost', serverName: '', base: '', isDirectory: true, socketPath: value.slice('unix:'.length) }
  }
  const url = URL.canParse(value) ? new URL(value) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol)) throw new ConfigError({ message: 'is no address of a server', option, value, expected: EXPECTED })
  if (`${url.search}${url.hash}${url.username}${url.password}` !== '') {
    throw new ConfigError({ message: 'an upstream has no query, fragment or user', option, value, expected: EXPECTED })
  }
  const { origin, host, hostname, pathname } = url
  const isName = isIP(hostname.replace(/^\[(.*)\]$/, '$1')) === 0
  return { origin, host, serverName: isName ? hostname : '', base: pathname.replace(/\/$/, ''), isDirectory: pathname.endsWith('/'), socketPath: undefined }
}

/**
 * A segment `.` or `..`, and what some servers take for one (Java's take `..;x`): they would lead out of the mount point, and of the
 * address's path.
 */
const DOTS = /(?:^|\/|\\|%2f|%5c)(?:\.|%2e){1,2}(?:$|\/|\\|;|%2f|%5c|%3b)/i

/** The target at the upstream for a raw path; undefined for one with dot segments. */
export function targetAt({ base, isDirectory }: Upstream, path: string, query: string): string | undefined {
  if (DOTS.test(path)) return undefined
  const target = path === '' ? (isDirectory ? `${base}/` : base) : base + path
  return query === '' ? target : `${target}?${query}`
}
