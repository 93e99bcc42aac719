// @ts-check
/**
 * @typedef {import('../../../src/http/limits.ts').Limits} Limits
 * @typedef {import('../../../src/http/head-parser.ts').HeadResult} HeadResult
 * @typedef {import('../../../src/http/body-decoder.ts').BodyEvent} BodyEvent
 * @typedef {{ feed(bytes: Buffer): void, nextHead(): HeadResult, nextBody(): BodyEvent }} Parser
 * @typedef {new (limits: Limits) => Parser} Engine what is fuzzed: the built parser, that of src/, or one broken on purpose
 * @typedef {{ kind: 'head', method: string, target: string, minor: number, host: string, path: string, query: string, fields: string,
 *   persistent: boolean, expectsContinue: boolean, chunked: boolean }} HeadEvent
 * @typedef {{ kind: 'body', text: string, ended: boolean }} BodyText
 * @typedef {{ kind: 'refused', reason: string }} Refusal
 * @typedef {HeadEvent | BodyText | Refusal} Event
 */

/** Asks a parser for everything there is, as a connection does, and stops it when it does not come to an end. */
export class Reader {
  /** @type {Event[]} */
  events = []
  /** How often something was read: what was held before that is let go. */
  progress = 0
  refused = false
  #parser
  #steps = 0

  /** @param {Engine} engine @param {Limits} limits */
  constructor(engine, limits) {
    this.#parser = new engine(limits)
  }

  /** @param {Buffer} bytes */
  feed(bytes) {
    if (this.refused) return
    this.#parser.feed(bytes)
    // Each octet can be a piece of a body, and end one, and begin one: what asks more often than that runs in a circle.
    this.#steps += 3 * bytes.length + 2
    while (this.#inBody ? this.#readBody() : this.#readHead()) {
      this.progress += 1
      this.#steps -= 1
      if (this.#steps < 0) throw new Error('the parser does not come to an end')
    }
  }

  get #inBody() {
    const last = this.events.at(-1)
    return last?.kind === 'body' && !last.ended
  }

  #readHead() {
    const result = this.#parser.nextHead()
    if (result === 'more') return false
    if (!('method' in result)) return this.#refuse(result.reason)
    const { method, target, minor, host, path, query, persistent, expectsContinue, chunked } = result
    const fields = result.text.slice(result.fieldsStart, result.fieldsEnd)
    this.events.push({ kind: 'head', method, target, minor, host, path, query, fields, persistent, expectsContinue, chunked })
    if (result.hasBody) this.events.push({ kind: 'body', text: '', ended: false })
    return true
  }

  #readBody() {
    const event = this.#parser.nextBody()
    const body = /** @type {BodyText} */ (this.events.at(-1))
    if (event === 'more') return false
    if (event === 'end') body.ended = true
    else if (event instanceof Uint8Array) body.text += event.toString('latin1')
    else return this.#refuse(event.reason)
    return true
  }

  /** @param {string} reason */
  #refuse(reason) {
    this.events.push({ kind: 'refused', reason })
    this.refused = true
    return false
  }
}

/**
 * The events of octets that come in these segments.
 *
 * @param {Engine} engine @param {Limits} limits @param {readonly Buffer[]} segments
 */
export function read(engine, limits, segments) {
  const reader = new Reader(engine, limits)
  for (const segment of segments) reader.feed(segment)
  return reader.events
}
