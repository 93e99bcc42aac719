import { describe, expect, it } from 'vitest'
import type { Limits } from '../../src/http/limits.ts'
import { RequestHead } from '../../src/http/request-head.ts'
import { RequestParser } from '../../src/http/request-parser.ts'
import { octets } from '../support/http-cases.ts'
import { Corpus } from './lib/corpus.js'
import { brokenBy, invariants } from './lib/invariants.js'
import { bothLimits, tight, usual } from './lib/limits.js'
import { FuzzLoop } from './lib/loop.js'
import { minimize } from './lib/minimize.js'
import { Random } from './lib/random.js'
import type { Engine } from './lib/reader.js'
import { seeds } from './lib/seeds.js'

const GET = octets('GET /a HTTP/1.1\r\nHost: a\r\n\r\n')
const POST = octets('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello')

/** A parser that is wrong about the heads it read. */
function changing(change: (head: RequestHead) => Partial<RequestHead>): Engine {
  return class extends RequestParser {
    override nextHead(): ReturnType<RequestParser['nextHead']> {
      const result = super.nextHead()
      return result instanceof RequestHead ? Object.assign(result, change(result)) : result
    }
  }
}

/** A parser that takes other octets than were fed. */
function feeding(change: (bytes: Buffer) => Buffer): Engine {
  return class extends RequestParser {
    override feed(bytes: Buffer): void {
      super.feed(change(bytes))
    }
  }
}

class Unlimited extends RequestParser {
  constructor(limits: Limits) {
    super({ ...limits, max_url_len: 1e9, max_header_line: 1e9, max_header_size: 1e9 })
  }
}

class Endless extends RequestParser {
  override nextBody(): Buffer {
    return Buffer.alloc(0)
  }
}

class Throwing extends RequestParser {
  override nextBody(): never {
    throw new RangeError('Invalid array length')
  }
}

class Forgetting extends RequestParser {
  override nextBody(): ReturnType<RequestParser['nextBody']> {
    const event = super.nextBody()
    return event instanceof Uint8Array ? event.subarray(1) : event
  }
}

const BROKEN: [what: string, invariant: keyof typeof invariants, engine: Engine, shownBy: [Limits, Buffer]][] = [
  ['forgets the first octet of each piece', 'does not depend on how the octets were cut', Forgetting, [usual, POST]],
  [
    'sees no LF that comes alone',
    'does not depend on how the octets were cut',
    feeding((bytes) => (bytes.equals(octets('\n')) ? octets(' ') : bytes)),
    [usual, GET],
  ],
  ['throws', 'does not depend on how the octets were cut', Throwing, [usual, POST]],
  ['gives pieces without an end', 'does not depend on how the octets were cut', Endless, [usual, POST]],
  ['holds lines of any length', 'holds no more than its limits', Unlimited, [tight, octets(`GET /${'a'.repeat(200)}`)]],
  ['throws', 'holds no more than its limits', Throwing, [usual, POST]],
  [
    'takes a bare LF',
    'is what a slow reading finds',
    feeding((bytes) => octets(bytes.toString('latin1').replaceAll(/\r?\n/g, '\r\n'))),
    [usual, octets('GET / HTTP/1.1\nHost: a\n\n')],
  ],
  [
    'takes lines of any length',
    'is what a slow reading finds',
    Unlimited,
    [tight, octets(`GET /${'a'.repeat(200)} HTTP/1.1\r\nHost: a\r\n\r\n`)],
  ],
  ['refuses what is right', 'is what a slow reading finds', feeding(() => octets('\0')), [usual, GET]],
  ['sees another method', 'is what a slow reading finds', changing(() => ({ method: 'PUT' })), [usual, GET]],
  [
    'keeps a connection open',
    'is what a slow reading finds',
    changing(() => ({ persistent: true })),
    [usual, octets('GET / HTTP/1.0\r\n\r\n')],
  ],
  ['loses some of a body', 'is what a slow reading finds', Forgetting, [usual, POST]],
  [
    'reads blanks into the path',
    'says the same written out and read again',
    changing(({ text }) => (text.includes(': ') ? { path: ' ' } : {})),
    [usual, GET],
  ],
]

describe('the fuzzer notices a parser that', () => {
  it.each(BROKEN)('%s: it %s', (_what, invariant, engine, [limits, input]) => {
    expect(invariants[invariant]?.(RequestParser, limits, input)).toBeNull()
    expect(() => {
      const wrong = invariants[invariant]?.(engine, limits, input)
      if (wrong !== null) throw new Error(wrong)
    }).toThrow()
    expect(brokenBy(engine, limits, input)).toMatch(/: ./)
  })

  it('is wrong about some inputs, and makes the one it finds small', () => {
    const engine = changing(({ host }) => (host.length > 9 ? { minor: 0 } : {}))
    const loop = new FuzzLoop(engine, bothLimits, new Corpus(RequestParser, bothLimits, []), new Random(7))
    let broken = null
    while (broken === null && loop.runs < 2000) broken = loop.tryOne(loop.make())
    expect(broken?.wrong).toMatch(/^is what a slow reading finds: /)
    if (broken === null) throw new Error('nothing was found')
    expect(broken.input.length).toBeLessThan(60)
    expect(brokenBy(RequestParser, broken.limits, broken.input)).toBeNull()
  })
})

describe('of the parser', () => {
  it.each(seeds)('each seed %j keeps every invariant', (seed) => {
    for (const limits of bothLimits) expect(brokenBy(RequestParser, limits, octets(seed))).toBeNull()
  })

  it('500 inputs keep every invariant, the same ones each time', () => {
    const loop = new FuzzLoop(RequestParser, bothLimits, new Corpus(RequestParser, bothLimits, []), new Random(1))
    while (loop.runs < 500) expect(loop.tryOne(loop.make())).toBeNull()
  })
})

describe('a finding is made small', () => {
  it('to what is needed of it, the rest of it plain', () => {
    const least = minimize(octets(`${'some '.repeat(30)}x and\0then\r\nagain\n\0\0\0y${' more'.repeat(30)}`), (input) =>
      /x.*\n.{3}y/s.test(input.toString('latin1')),
    )
    expect(least.toString('latin1')).toBe('x\naaay')
  })

  it('in a bounded time', () => {
    let tried = 0
    minimize(Buffer.alloc(10_000, 'ab'), (input) => (tried += input.length) < 0, 50_000)
    expect(tried).toBeGreaterThan(40_000)
    expect(tried).toBeLessThanOrEqual(50_000)
  })
})
