import type { Peer, RequestHeaders } from '../app.ts'
import { readFromRight } from './forwarded-field.ts'
import { readBareNode, readNode } from './proxy-node.ts'

/** What trusted proxies say of a request; null where they say nothing. */
export interface Told {
  client: Peer | null
  scheme: string | null
  host: string | null
  port: string | null
  prefix: string | null
}

type Trusts = (address: string) => boolean

/** The fields in which proxies of one kind tell it, and how they are read. */
export interface ProxyHeaders {
  readonly fields: readonly string[]
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
  let client: Peer | null = null
  let hops = 0
  for (const entry of listOf(headers, 'x-forwarded-for').toReversed()) {
    hops += 1
    const node = readBareNode(entry)
    if (node === null) break
    client = node
    if (!trusts(node.address)) break
  }
  const tell = (name: string): string | null => outermost(listOf(headers, `x-forwarded-${name}`), hops)
  return { client, scheme: tell('proto'), host: tell('host'), port: tell('port'), prefix: tell('prefix') }
}

/** Proxies append to these too, or overwrite them: what the outermost trusted one said is as far from the right as there are hops, or first. */
function outermost(values: readonly string[], hops: number): string | null {
  return values.at(-Math.min(Math.max(hops, 1), values.length)) ?? null
}

function listOf(headers: RequestHeaders, name: string): string[] {
  const value = headers.get(name)
  if (value === null) return []
  return value.split(',').map((item) => item.trim()).filter((item) => item !== '')
}

function readForwarded(headers: RequestHeaders, trusts: Trusts): Told {
  const told: Told = { client: null, scheme: null, host: null, port: null, prefix: null }
  for (const element of readFromRight(headers.get('forwarded') ?? '')) {
    const node = readNode(element.get('for') ?? '')
    told.scheme = element.get('proto') ?? null
    told.host = element.get('host') ?? null
    if (node === null) break
    told.client = node
    if (!trusts(node.address)) break
  }
  return told
}
