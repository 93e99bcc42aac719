import { BlockList, isIP } from 'node:net'

/** What the client's end of a unix socket is called. */
const UNIX = 'unix'

/** Addresses and networks, `192.0.2.7`, `10.0.0.0/8`, `2001:db8::/32`, and `unix` for whoever came by a unix socket. */
export class Networks {
  readonly #list = new BlockList()
  readonly #hasUnix: boolean
  readonly #isEmpty: boolean

  /** Throws RangeError for what is none of these: ask {@link isNetwork} first. */
  constructor(names: readonly string[]) {
    this.#hasUnix = names.includes(UNIX)
    this.#isEmpty = names.length === 0
    for (const name of names.filter((name) => name !== UNIX)) {
      const [address = '', prefix] = name.split('/')
      const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
      if (prefix === undefined) this.#list.addAddress(address, family)
      else this.#list.addSubnet(address, Number(prefix), family)
    }
  }

  /** An IPv4 address is the same when it is written as an IPv6 one (`::ffff:192.0.2.7`). What is no address is in no network. */
  has(address: string): boolean {
    if (this.#isEmpty) return false
    const version = isIP(address)
    if (version === 0) return this.#hasUnix && address === UNIX
    return this.#list.check(address, version === 6 ? 'ipv6' : 'ipv4')
  }
}

/** True for what {@link Networks} can be made of. */
export function isNetwork(name: string): boolean {
  const [address = '', prefix, ...others] = name.split('/')
  if (prefix === undefined) return name === UNIX || isIP(address) !== 0
  return others.length === 0 && isIP(address) !== 0 && /^\d{1,3}$/.test(prefix) && Number(prefix) <= (isIP(address) === 6 ? 128 : 32)
}
