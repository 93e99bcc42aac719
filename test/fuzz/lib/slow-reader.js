// @ts-check
import { every, isDigits, isExtensions, isHex, isHost, isTarget, isToken, strip } from './slow-grammar.js'

/**
 * RFC 9112 read once more, by somebody who never saw src/http: whole inputs, line after line, character after character, no state kept.
 * What the parser accepts must be what is read here, and what it refuses must be wrong here as well.
 *
 * @typedef {import('./reader.js').Limits} Limits
 * @typedef {{ method: string, target: string, minor: number, persistent: boolean, body: string, ended: boolean }} Message
 * @typedef {{ messages: Message[], end: 'clean' | 'incomplete' | 'refused' }} Reading
 * @typedef {{ name: string, value: string }} Field
 */

const CHUNK_LINE = 4096
const EXTENSIONS = 65_536
const TRAILERS = 8192

/** Thrown, and made once: a stack for each would take most of the time. */
const REFUSED = new Error('refused')
const INCOMPLETE = new Error('incomplete')

/** @param {string} text latin1 @param {Limits} limits @returns {Reading} */
export function readSlowly(text, limits) {
  const input = { text, at: 0 }
  /** @type {Message[]} */
  const messages = []
  try {
    while (input.at < text.length) readMessage(input, limits, messages)
    return { messages, end: 'clean' }
  } catch (error) {
    if (error === REFUSED) return { messages, end: 'refused' }
    if (error === INCOMPLETE) return { messages, end: 'incomplete' }
    throw error
  }
}

/** @typedef {{ text: string, at: number }} Input */

/** @param {Input} input @param {Limits} limits @param {Message[]} messages */
function readMessage(input, limits, messages) {
  if (input.text.startsWith('\r\n', input.at)) input.at += 2
  if (input.at === input.text.length) throw INCOMPLETE
  const line = takeLine(input, limits.max_url_len - 1)
  const words = line.split(' ')
  const [method = '', target = '', version = ''] = words
  refuseUnless(words.length === 3 && isToken(method) && version.length === 8 && version.startsWith('HTTP/1.') && isDigits(version.slice(7)))
  refuseUnless(target !== '' && every(target, (one) => one > ' ' && one < '\x7f' && one !== '#') && isTarget(method, target))
  const minor = Number(version.slice(7))
  const fields = takeFields(input, limits)
  const length = checkHead(fields, minor, limits)
  const message = { method, target, minor, persistent: isPersistent(fields, minor), body: '', ended: false }
  messages.push(message)
  if (length === 'chunked') takeChunks(input, limits, message)
  else takeOctets(input, length, message)
  message.ended = true
}

/** A line without its CRLF. @param {Input} input @param {number} most octets with its CRLF */
function takeLine(input, most) {
  const end = input.text.indexOf('\n', input.at)
  if (end === -1) throw INCOMPLETE
  const line = input.text.slice(input.at, end - 1)
  refuseUnless(end > input.at && input.text[end - 1] === '\r' && !line.includes('\r') && line.length + 2 <= most)
  input.at = end + 1
  return line
}

/** @param {Input} input @param {Limits} limits */
function takeFields(input, limits) {
  const start = input.at
  /** @type {Field[]} */
  const fields = []
  for (let line = takeLine(input, limits.max_header_line - 1); line !== ''; line = takeLine(input, limits.max_header_line - 1)) {
    fields.push(readField(line))
    refuseUnless(fields.length <= limits.max_headers && input.at - start <= limits.max_header_size)
  }
  refuseUnless(input.at - start <= limits.max_header_size)
  return fields
}

/** @param {string} line @returns {Field} */
function readField(line) {
  const colon = line.indexOf(':')
  refuseUnless(colon > 0 && isToken(line.slice(0, colon)))
  const value = line.slice(colon + 1)
  refuseUnless(every(value, (one) => one === '\t' || (one >= ' ' && one !== '\x7f')))
  return { name: line.slice(0, colon).toLowerCase(), value: strip(value) }
}

/** How long the body is. @param {Field[]} fields @param {number} minor @param {Limits} limits @returns {number | 'chunked'} */
function checkHead(fields, minor, limits) {
  const hosts = valuesOf(fields, 'host')
  refuseUnless(hosts.length <= 1 && (hosts.length === 1 || minor === 0) && hosts.every((host) => host === '' || isHost(host)))
  const expectations = valuesOf(fields, 'expect')
  refuseUnless(minor === 0 || membersOf(expectations).every((one) => one === '100-continue'))
  const codings = valuesOf(fields, 'transfer-encoding')
  const lengths = valuesOf(fields, 'content-length')
  if (codings.length > 0) {
    refuseUnless(codings.length === 1 && codings[0]?.toLowerCase() === 'chunked' && lengths.length === 0 && minor > 0)
    return 'chunked'
  }
  refuseUnless(lengths.length <= 1 && lengths.every((length) => isDigits(length) && BigInt(length) < 10n ** 15n))
  const length = Number(lengths[0] ?? 0)
  refuseUnless(limits.max_body_size === 0 || length <= limits.max_body_size)
  return length
}

/** @param {Input} input @param {number} length @param {Message} message */
function takeOctets(input, length, message) {
  message.body += input.text.slice(input.at, input.at + length)
  if (input.text.length - input.at < length) throw INCOMPLETE
  input.at += length
}

/** @param {Input} input @param {Limits} limits @param {Message} message */
function takeChunks(input, limits, message) {
  let extensions = 0
  for (let total = 0; ;) {
    const line = takeLine(input, CHUNK_LINE)
    let digits = 0
    while (isHex(line[digits])) digits += 1
    refuseUnless(digits > 0 && isExtensions(line.slice(digits)))
    extensions += line.length - digits
    refuseUnless(extensions <= EXTENSIONS)
    const size = Number(BigInt(`0x${line.slice(0, digits)}`))
    total += size
    refuseUnless(size < 2 ** 52 && (limits.max_body_size === 0 || total <= limits.max_body_size))
    if (size === 0) break
    takeOctets(input, size, message)
    if (input.at === input.text.length) throw INCOMPLETE
    if (input.text.slice(input.at) === '\r') throw INCOMPLETE
    refuseUnless(input.text.startsWith('\r\n', input.at))
    input.at += 2
  }
  takeTrailers(input, limits)
}

/** @param {Input} input @param {Limits} limits */
function takeTrailers(input, limits) {
  const start = input.at
  for (let count = 0, line = takeLine(input, TRAILERS); line !== ''; line = takeLine(input, TRAILERS)) {
    readField(line)
    count += 1
    refuseUnless(count <= limits.max_headers && input.at - start <= TRAILERS)
  }
  refuseUnless(input.at - start <= TRAILERS)
}

/** RFC 9112 §9.3. @param {Field[]} fields @param {number} minor */
function isPersistent(fields, minor) {
  const options = membersOf(valuesOf(fields, 'connection'))
  if (options.includes('close')) return false
  return minor > 0 || options.includes('keep-alive')
}

/** Of a list, in lower case, without the empty ones. @param {string[]} values */
function membersOf(values) {
  return values.flatMap((value) => value.split(',').map((one) => strip(one).toLowerCase())).filter((one) => one !== '')
}

/** @param {Field[]} fields @param {string} name */
function valuesOf(fields, name) {
  return fields.flatMap((field) => (field.name === name ? [field.value] : []))
}

/** @param {boolean} right */
function refuseUnless(right) {
  if (!right) throw REFUSED
}
