import type { RequestHeaders } from '../app.ts'
import { trimBlanks } from './grammar.ts'
import type { RequestHead } from './request-head.ts'

/**
 * The fields of a request, read from the head's text when somebody first asks. Values are latin1, as they came (RFC 9110 §5.5);
 * repeated fields are joined with `, `, cookies with `; ` (RFC 6265 §5.4).
 */
export class HeaderMap implements RequestHeaders {
  readonly #values: Map<string, string>

  constructor(head: RequestHead) {
    this.#values = readFields(head)
  }

  get(name: string): string | null {
    return this.#values.get(name) ?? this.#values.get(name.toLowerCase()) ?? null
  }

  has(name: string): boolean {
    return this.#values.has(name.toLowerCase())
  }

  set(name: string, value: string): void {
    this.#values.set(name.toLowerCase(), value)
  }

  append(name: string, value: string): void {
    addField(this.#values, name.toLowerCase(), value)
  }

  delete(name: string): void {
    this.#values.delete(name.toLowerCase())
  }

  forEach(each: (value: string, name: string) => void): void {
    this.#values.forEach((value, name) => each(value, name))
  }

  entries(): IterableIterator<[string, string]> {
    return this.#values.entries()
  }

  keys(): IterableIterator<string> {
    return this.#values.keys()
  }

  values(): IterableIterator<string> {
    return this.#values.values()
  }

  [Symbol.iterator](): IterableIterator<[string, string]> {
    return this.#values.entries()
  }
}

function readFields(head: RequestHead): Map<string, string> {
  const { text, fieldsEnd } = head
  const values = new Map<string, string>()
  for (let at = head.fieldsStart; at < fieldsEnd; ) {
    const colon = text.indexOf(':', at)
    const end = text.indexOf('\r\n', colon)
    addField(values, text.slice(at, colon).toLowerCase(), trimBlanks(text, colon + 1, end))
    at = end + 2
  }
  return values
}

function addField(values: Map<string, string>, name: string, value: string): void {
  const before = values.get(name)
  values.set(name, before === undefined ? value : `${before}${name === 'cookie' ? '; ' : ', '}${value}`)
}
