import { isIPv4, isIPv6 } from 'node:net'
import type { Peer } from '../app.ts'

/** An address with or without a port, which may be an obfuscated one (RFC 7239 §6). What stands for no address, `unknown` or `_hidden`, is none. */
const NODE = /^(?:\[(?<six>[0-9a-f:.]+)\]|(?<four>[0-9.]+))(?::(?:(?<port>\d{1,5})|_[\w.-]+))?$/i

const HIGHEST_PORT = 65_535

/** Who a proxy says it has a request from: null when that is no address. A port nobody told is 0. */
export function readNode(text: string): Peer | null {
  const { six = '', four = '', port = '0' } = NODE.exec(text)?.groups ?? {}
  if ((!isIPv6(six) && !isIPv4(four)) || Number(port) > HIGHEST_PORT) return null
  return { address: six === '' ? four : six, port: Number(port) }
}

/** The same for X-Forwarded-For, where IPv6 addresses stand without brackets too. One with a zone means something on the proxy alone. */
export function readBareNode(text: string): Peer | null {
  return isIPv6(text) && !text.includes('%') ? { address: text, port: 0 } : readNode(text)
}
