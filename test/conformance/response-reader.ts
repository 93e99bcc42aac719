import { fieldsOf, lintHead, statusOf } from './lint.ts'
import type { Response } from './response.ts'

/** What the end of a response depends on besides itself. */
export interface Asked {
  /** Which of the final responses answer HEAD. */
  readonly noBody?: readonly number[]
  /** The request was CONNECT. */
  readonly connect?: boolean
}

/** The octets are no sequence of responses. */
class Malformed extends Error {}

/** Octets in, responses out (RFC 9112 §6.3), however the octets are cut. */
export class ResponseReader {
  readonly finals: Response[] = []
  readonly interims: Response[] = []
  /** Why nothing can be read any more. */
  fault: string | null = null
  readonly #asked: Asked
  readonly #reading: Generator<undefined>
  #text = ''
  #ended = false

  constructor(asked: Asked) {
    this.#asked = asked
    this.#reading = this.#read()
    this.#resume()
  }

  /** Final responses that have come whole; one that lasts until the connection closes counts from its head on. */
  get answered(): number {
    return this.finals.filter(({ complete }) => complete).length
  }

  get #excerpt(): string {
    return JSON.stringify(this.#text.slice(0, 60))
  }

  feed(octets: Buffer): void {
    this.#text += octets.toString('latin1')
    this.#resume()
  }

  /** Nothing more will come. */
  end(): void {
    this.#ended = true
    this.#resume()
  }

  #resume(): void {
    try {
      this.#reading.next()
    } catch (error) {
      if (!(error instanceof Malformed)) throw error
      this.fault ??= error.message
    }
  }

  *#read(): Generator<undefined> {
    for (;;) {
      while (this.#text === '') {
        if (this.#ended) return
        yield
      }
      yield* this.#response()
    }
  }

  *#response(): Generator<undefined> {
    const response = yield* this.#head()
    const final = response.status >= 200
    const list = final ? this.finals : this.interims
    list.push(response)
    if (final && !this.#isBodyless(response)) yield* this.#body(response)
    response.complete = true
    if (this.#asked.connect === true && response.status >= 200 && response.status < 300) yield* this.#rest(response)
  }

  *#head(): Generator<undefined, Response> {
    const statusLine = yield* this.#line('HTTP/1.')
    const fieldLines: string[] = []
    for (let line = yield* this.#line(); line !== ''; line = yield* this.#line()) fieldLines.push(line)
    const faults = lintHead({ statusLine, fieldLines }, this.#asked.connect === true)
    return { status: statusOf(statusLine), fields: fieldsOf(fieldLines), faults, body: '', complete: false }
  }

  #isBodyless({ status }: Response): boolean {
    const tunnel = this.#asked.connect === true && status < 300
    return tunnel || status === 204 || status === 304 || this.#asked.noBody?.includes(this.finals.length - 1) === true
  }

  *#body(response: Response): Generator<undefined> {
    const coding = response.fields.get('transfer-encoding')
    const length = response.fields.get('content-length')
    if (coding !== undefined && coding !== 'chunked') throw new Malformed(`Transfer-Encoding: ${coding}`)
    if (coding !== undefined) yield* this.#chunks(response)
    else if (length !== undefined) response.body = yield* this.#take(Number(length))
    else yield* this.#rest(response)
  }

  *#chunks(response: Response): Generator<undefined> {
    for (;;) {
      const line = yield* this.#line()
      if (!/^[0-9A-Fa-f]+(;.*)?$/.test(line)) throw new Malformed(`not a chunk size: ${JSON.stringify(line)}`)
      const size = Number.parseInt(line, 16)
      if (size === 0) break
      response.body += yield* this.#take(size)
      if ((yield* this.#line()) !== '') throw new Malformed('no CRLF behind a chunk')
    }
    while ((yield* this.#line()) !== '');
  }

  /** Until the connection closes; nobody can tell the next response from this one's body, so its status line must not be in it. */
  *#rest(response: Response): Generator<undefined> {
    response.complete = true
    while (!this.#ended) yield
    response.body = this.#text
    this.#text = ''
    if (/HTTP\/1\.[01] \d{3} /.test(response.body)) throw new Malformed('a status line inside a body without an end')
  }

  *#line(start = ''): Generator<undefined, string> {
    for (;;) {
      if (!start.startsWith(this.#text.slice(0, start.length))) throw new Malformed(`not a response: ${this.#excerpt}`)
      const end = this.#text.indexOf('\r\n')
      if (end === -1) yield* this.#more()
      else return (yield* this.#take(end + 2)).slice(0, -2)
    }
  }

  *#take(octets: number): Generator<undefined, string> {
    while (this.#text.length < octets) yield* this.#more()
    const taken = this.#text.slice(0, octets)
    this.#text = this.#text.slice(octets)
    return taken
  }

  *#more(): Generator<undefined> {
    if (this.#ended) throw new Malformed(`cut short: ${this.#excerpt}`)
    yield
  }
}
