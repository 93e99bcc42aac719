import { flat } from './flat.ts'
import { TOKEN } from './grammar.ts'

/** What the encoder does with a field: send it; or heed it, since framing and the connection are the server's own business. */
export type FieldRole = 'plain' | 'content-type' | 'content-length' | 'connection' | 'date' | 'framing'

export interface FieldName {
  readonly role: FieldRole
  /** As it is sent, with the colon: `content-type: `. */
  readonly prefix: string
}

/** Fields a reply may not set: they belong to one connection, or would say twice where the body ends (RFC 9110 §7.6.1, RFC 9112 §6.1). */
const ROLES: Readonly<Record<string, FieldRole>> = {
  __proto__: null as never,
  'content-type': 'content-type',
  'content-length': 'content-length',
  connection: 'connection',
  date: 'date',
  'transfer-encoding': 'framing',
  'keep-alive': 'framing',
}

/** Names found valid, by their spelling: apps use the same few again and again. Bounded, should one make them up. */
const known = new Map<string, FieldName>()
const MOST_KNOWN = 1000

/** Throws TypeError when `name` is not a token (RFC 9110 §5.1). */
export function fieldName(name: string): FieldName {
  return known.get(name) ?? learn(name)
}

function learn(name: string): FieldName {
  if (!TOKEN.test(name)) throw new TypeError(`${JSON.stringify(name)} is not a field name (RFC 9110 §5.1)`)
  const learned: FieldName = { role: ROLES[name.toLowerCase()] ?? 'plain', prefix: flat(`${name}: `) }
  if (known.size < MOST_KNOWN) known.set(name, learned)
  return learned
}
