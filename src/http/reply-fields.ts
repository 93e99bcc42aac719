import type { HeaderValue } from '../app.ts'
import { isPlain } from '../is-plain.ts'
import { fieldName, type FieldRole } from './field-names.ts'
import { VALUE_TO_SEND } from './grammar.ts'

/** The fields an app gave, written out, and what they say to the server itself. */
export interface EncodedFields {
  text: string
  typed: boolean
  dated: boolean
  close: boolean
  /** What content-length the app gave, or -1. */
  length: number
}

/** Throws TypeError for what no field may be. */
export function encodeFields(headers: Record<string, HeaderValue> | undefined): EncodedFields {
  const fields: EncodedFields = { text: '', typed: false, dated: false, close: false, length: -1 }
  if (headers !== undefined && Object.getPrototypeOf(headers) !== Object.prototype) checkFields(headers)
  for (const name in headers) {
    const { role, prefix } = fieldName(name)
    const value = headers[name] as HeaderValue
    if (role === 'plain') fields.text += fieldLines(prefix, value)
    else heed(fields, role, prefix, value)
  }
  return fields
}

/** Fields that say something to the server itself. `framing` ones are dropped: the server does its own (RFC 9112 §6.1). */
function heed(fields: EncodedFields, role: FieldRole, prefix: string, value: HeaderValue): void {
  if (role === 'content-length') fields.length = checkedLength(value)
  else if (role === 'connection') fields.close ||= /(?:^|[\t ,])close(?:[\t ,]|$)/i.test(String(value))
  else if (role !== 'framing') fields.text += fieldLines(prefix, value)
  fields.typed ||= role === 'content-type'
  fields.dated ||= role === 'date'
}

function fieldLines(prefix: string, value: HeaderValue): string {
  if (typeof value === 'string') return fieldLine(prefix, value)
  if (typeof value === 'number') return `${prefix}${value}\r\n`
  if (!Array.isArray(value)) throw new TypeError(`the value of the field ${prefix.slice(0, -2)} is not a string, a number or a list of strings`)
  return value.map((one) => fieldLine(prefix, String(one))).join('')
}

function fieldLine(prefix: string, value: string): string {
  if (!VALUE_TO_SEND.test(value)) throw new TypeError(`the value of the field ${prefix.slice(0, -2)} has characters no field may have (RFC 9110 §5.5)`)
  return `${prefix}${value}\r\n`
}

function checkedLength(value: HeaderValue): number {
  const length = Number(value)
  if (!Number.isSafeInteger(length) || length < 0) throw new TypeError(`${JSON.stringify(value)} is not a content-length`)
  return length
}

/** A Map or a Headers has no fields of its own: they would be lost without a word. */
function checkFields(headers: object): void {
  if (!isPlain(headers)) throw new TypeError(`the fields of a reply cannot be ${Object.prototype.toString.call(headers)}: they are a plain object`)
}
