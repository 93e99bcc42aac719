// @ts-check
import { Random } from './random.js'
import { read, Reader } from './reader.js'
import { readSlowly } from './slow-reader.js'

/**
 * @typedef {import('./reader.js').Engine} Engine
 * @typedef {import('./reader.js').Limits} Limits
 * @typedef {import('./reader.js').Event} Event
 * @typedef {(engine: Engine, limits: Limits, input: Buffer) => string | null} Invariant says what is wrong, or nothing
 */

/** A chunk line, and the trailer section behind the last one: octets. */
const CHUNK_LINE = 4096
const TRAILERS = 8192

/**
 * What holds for any octets at all. A parser that throws, or goes on without an end, breaks each of them.
 *
 * @type {Readonly<Record<string, Invariant>>}
 */
export const invariants = {
  'does not depend on how the octets were cut': sameHoweverCut,
  'holds no more than its limits': holdsLittle,
  'is what a slow reading finds': agreesWithSlowReading,
  'says the same written out and read again': survivesWriting,
}

/**
 * The first invariant that `input` breaks, with what was seen; null when all hold.
 *
 * @param {Engine} engine @param {Limits} limits @param {Buffer} input
 */
export function brokenBy(engine, limits, input) {
  for (const [name, check] of Object.entries(invariants)) {
    const wrong = attempt(() => check(engine, limits, input))
    if (wrong !== null) return `${name}: ${wrong}`
  }
  return null
}

/** @param {() => string | null} check */
function attempt(check) {
  try {
    return check()
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

/** @type {Invariant} */
function sameHoweverCut(engine, limits, input) {
  const whole = JSON.stringify(read(engine, limits, [input]))
  for (const segments of [singly(input), inTwo(input), atRandom(input)]) {
    const cut = JSON.stringify(read(engine, limits, segments))
    if (cut !== whole) return `in ${segments.length} segments ${cut}, whole ${whole}`
  }
  return null
}

/** Octets singly, so that it is known where each event came. @type {Invariant} */
function holdsLittle(engine, limits, input) {
  const reader = new Reader(engine, limits)
  let progress = 0
  let held = 0
  for (const octet of singly(input)) {
    reader.feed(octet)
    held = reader.progress === progress ? held + 1 : 0
    progress = reader.progress
    if (!reader.refused && held > mostHeld(reader.events, limits)) return `${held} octets held`
  }
  return null
}

/** @param {readonly Event[]} events @param {Limits} limits */
function mostHeld(events, limits) {
  const last = events.at(-1)
  return last?.kind === 'body' && !last.ended ? 2 + CHUNK_LINE + TRAILERS : 2 + limits.max_url_len + limits.max_header_size
}

/** @type {Invariant} */
function agreesWithSlowReading(engine, limits, input) {
  const ours = messagesOf(read(engine, limits, [input]))
  const slow = readSlowly(input.toString('latin1'), limits)
  for (let index = 0; index < Math.max(ours.messages.length, slow.messages.length); index += 1) {
    const [mine, theirs] = [JSON.stringify(ours.messages[index]), JSON.stringify(slow.messages[index])]
    if (mine !== theirs) return `message ${index} is ${mine ?? 'none'}, slowly ${theirs ?? 'none'}`
  }
  // The parser sees in half a line that it can become no whole one; the slow reading waits for its end.
  const sameEnd = ours.refused ? slow.end !== 'clean' : slow.end !== 'refused'
  return sameEnd ? null : `${ours.refused ? 'refused' : 'not refused'}, slowly ${slow.end}`
}

/** @param {readonly Event[]} events */
function messagesOf(events) {
  /** @type {import('./slow-reader.js').Message[]} */
  const messages = []
  for (const event of events) {
    const last = messages.at(-1)
    if (event.kind === 'head') {
      const { method, target, minor, persistent } = event
      messages.push({ method, target, minor, persistent, body: '', ended: true })
    } else if (event.kind === 'body' && last !== undefined) {
      last.body = event.text
      last.ended = event.ended
    }
  }
  return { messages, refused: events.at(-1)?.kind === 'refused' }
}

/** @type {Invariant} */
function survivesWriting(engine, limits, input) {
  const accepted = completeOnes(read(engine, limits, [input]))
  const before = JSON.stringify(accepted.map(meaning))
  const after = JSON.stringify(completeOnes(read(engine, limits, [Buffer.from(accepted.map(written).join(''), 'latin1')])).map(meaning))
  return before === after ? null : `read ${before}, again ${after}`
}

/** @typedef {{ head: import('./reader.js').HeadEvent, body: string }} Accepted */

/** @param {readonly Event[]} events @returns {Accepted[]} */
function completeOnes(events) {
  return events.flatMap((head, index) => {
    if (head.kind !== 'head') return []
    const next = events[index + 1]
    if (next?.kind !== 'body') return [{ head, body: '' }]
    return next.ended ? [{ head, body: next.text }] : []
  })
}

/** @param {Accepted} accepted */
function meaning({ head, body }) {
  return { ...head, fields: plain(head.fields), body }
}

/**
 * Field lines without the blanks around values. One behind each colon would make lines too long that were as long as they may be.
 *
 * @param {string} fields
 */
function plain(fields) {
  return fields.replaceAll(/^([^:]+):[ \t]*(.*?)[ \t]*\r\n/gm, '$1:$2\r\n')
}

/** @param {Accepted} accepted */
function written({ head: { method, target, minor, fields, chunked }, body }) {
  const chunk = body === '' ? '' : `${body.length.toString(16)}\r\n${body}\r\n`
  return `${method} ${target} HTTP/1.${minor}\r\n${plain(fields)}\r\n${chunked ? `${chunk}0\r\n\r\n` : body}`
}

/** @param {Buffer} input */
function singly(input) {
  return Array.from({ length: input.length }, (_, at) => input.subarray(at, at + 1))
}

/** @param {Buffer} input */
function inTwo(input) {
  const at = input.length >> 1
  return [input.subarray(0, at), input.subarray(at)]
}

/** The cuts are decided by the input, so that a finding is one wherever it is read. @param {Buffer} input */
function atRandom(input) {
  const random = new Random(input.reduce((sum, octet) => (Math.imul(sum, 31) + octet) >>> 0, input.length))
  /** @type {Buffer[]} */
  const segments = []
  for (let at = 0; at < input.length; at += segments.at(-1)?.length ?? 1)
    segments.push(input.subarray(at, at + 1 + random.below(random.oneOf([2, 9, 60]))))
  return segments
}
