import type { BodyEvent } from '../../src/http/body-decoder.ts'
import { HeaderMap } from '../../src/http/header-map.ts'
import type { HeadResult } from '../../src/http/head-parser.ts'
import type { Limits } from '../../src/http/limits.ts'
import { protocolErrors } from '../../src/http/protocol-errors.ts'
import { RequestHead } from '../../src/http/request-head.ts'
import { RequestParser } from '../../src/http/request-parser.ts'

/** One request as an app would get it. */
export interface ReadRequest {
  readonly method: string
  readonly target: string
  readonly version: string
  /** Lines of `name: value`: names in lower case, repeated fields joined, in the order of their first line. */
  readonly fields: string
  /** The connection stays when this one is answered. */
  readonly persistent: boolean
  /** Latin1. */
  body: string
  ended: boolean
}

/** What one implementation makes of the octets of a connection. */
export interface Reading {
  /** In order. One whose body is refused is not among them: that is a refusal, no request. */
  readonly requests: readonly ReadRequest[]
  /**
   * `waiting`: for more of a request, or for the next one. `closed`: the last request said that no other follows; octets behind it mean
   * nothing (RFC 9112 §9.6). Else why the octets behind the last request are refused.
   */
  readonly end: string
}

/** Sizes are not what is compared: both have limits, other ones. */
const GENEROUS: Limits = { max_url_len: 60_000, max_header_line: 60_000, max_header_size: 60_000, max_headers: 1000, max_body_size: 0 }

/** Reads as a connection does, without one. */
export class MillraceReader {
  /** How many octets each request took, with those before it. */
  readonly ends: number[] = []
  readonly #parser = new RequestParser(GENEROUS)
  readonly #requests: ReadRequest[] = []
  #open: ReadRequest | null = null
  #end = 'waiting'

  /** Octets go in singly, so that it is known where each request ends. */
  read(octets: Buffer): Reading {
    for (let at = 0; at < octets.length && this.#end === 'waiting'; at += 1) {
      this.#parser.feed(octets.subarray(at, at + 1))
      while (this.#end === 'waiting' && this.#take(this.#open === null ? this.#parser.nextHead() : this.#parser.nextBody(), at + 1));
    }
    const refused = this.#end !== 'waiting' && this.#end !== 'closed'
    return { requests: this.#requests.filter((one) => one.ended || !refused), end: this.#end }
  }

  #take(event: HeadResult | BodyEvent, at: number): boolean {
    if (event === 'more') return false
    if (event instanceof RequestHead) this.#begin(event, at)
    else if (event === 'end') this.#finish(at)
    else if (event instanceof Uint8Array) this.#open!.body += event.toString('latin1')
    else this.#end = nameOf(event)
    return true
  }

  #begin(head: RequestHead, at: number): void {
    this.#open = requestOf(head)
    this.#requests.push(this.#open)
    if (!head.hasBody) this.#finish(at)
  }

  #finish(at: number): void {
    this.#open!.ended = true
    if (!this.#open!.persistent) this.#end = 'closed'
    this.#open = null
    this.ends.push(at)
  }
}

function requestOf(head: RequestHead): ReadRequest {
  const { method, target, minor, persistent } = head
  return { method, target, version: `1.${minor}`, fields: fieldLines(new HeaderMap(head)), persistent, body: '', ended: false }
}

export function fieldLines(fields: Iterable<readonly [name: string, value: string]>): string {
  return Array.from(fields, ([name, value]) => `${name}: ${value}`).join('\n')
}

function nameOf(error: unknown): string {
  return Object.entries(protocolErrors).find(([, row]) => row === error)?.[0] ?? 'an error that is no row of the table'
}
