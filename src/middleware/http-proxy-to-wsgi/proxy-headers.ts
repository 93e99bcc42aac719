import type { Peer, RequestHeaders } from '../../app.ts'
import { readFromRight } from './forwarded-field.ts'
import { readBareNode, readNode } from '../proxy-node.ts'

/** What trusted proxies say of a request; null where they say nothing. */
export interface Told {
  client: Peer | null
  scheme: string | null
  host: string | null
  port: string | null
  prefix: string | null
}

const NONE: readonly string[] = []

type Trusts = (address: string) => boolean

/** The fields in which proxies of one kind tell it. */
export interface ProxyHeaders {
  readonly fields: readonly string[]
  /** Reads them, and leaves of them what trusted proxies have said. */
  read(headers: RequestHeaders, trusts: Trusts): Told
}

/** By the names the option has for them. */
export const PROXY_HEADERS: ReadonlyMap<string, ProxyHeaders> = new Map([
  [
    'x-forwarded',
    { fields: ['x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-host', 'x-forwarded-port', 'x-forwarded-prefix'], read: readXForwarded },
  ],
  ['forwarded', { fields: ['forwarded'], read: readForwarded }],
])

/** Each proxy appends whom it has the request from; the first one from the right that is not trusted is the client, or told of it. */
function readXForwarded(headers: RequestHeaders, trusts: Trusts): Told {
  const chain = listOf(headers, 'x-forwarded-for')
  let client: Peer | null = null
  let hops = 0
  while (hops < chain.length) {
    hops += 1
    const node = readBareNode(chain[chain.length - hops] ?? '')
    if (node === null) break
    client = node
    if (!trusts(node.address)) break
  }
  if (hops > 0) headers.set('x-forwarded-for', chain.slice(-hops).join(', '))
  return {
    client,
    scheme: outermost(headers, 'x-forwarded-proto', hops),
    host: outermost(headers, 'x-forwarded-host', hops),
    port: outermost(headers, 'x-forwarded-port', hops),
    prefix: outermost(headers, 'x-forwarded-prefix', hops),
  }
}

/** Proxies append to these too, or overwrite them: what the outermost trusted one said is as far from the right as there are hops, or first. */
function outermost(headers: RequestHeaders, name: string, hops: number): string | null {
  const values = listOf(headers, name)
  const value = values.at(-Math.min(Math.max(hops, 1), values.length)) ?? null
  if (value !== null) headers.set(name, value)
  return value
}

function listOf(headers: RequestHeaders, name: string): readonly string[] {
  const value = headers.get(name)
  if (value === null) return NONE
  return value.split(',').map((item) => item.trim()).filter((item) => item !== '')
}

function readForwarded(headers: RequestHeaders, trusts: Trusts): Told {
  const field = headers.get('forwarded') ?? ''
  const told: Told = { client: null, scheme: null, host: null, port: null, prefix: null }
  let believed = field.length
  for (const { pairs, start } of readFromRight(field)) {
    const node = readNode(pairs.get('for') ?? '')
    believed = start
    told.scheme = pairs.get('proto') ?? null
    told.host = pairs.get('host') ?? null
    if (node === null) break
    told.client = node
    if (!trusts(node.address)) break
  }
  if (believed === field.length) headers.delete('forwarded')
  else if (believed > 0) headers.set('forwarded', field.slice(believed).trim())
  return told
}
