import { NEVER_IN_HEAD, NEVER_IN_REQUEST_LINE, NOT_IN_METHOD } from './grammar.ts'
import { type ProtocolError, protocolErrors } from './protocol-errors.ts'

/**
 * Why a line of a head cannot be read, if that is known yet. What a client is told must not depend on how its octets were cut into segments:
 * of several faults the one is named that shows first to a reader who gets one octet after the other.
 */

/** Something wrong, and where the octet stands that shows it. */
type Fault = readonly [at: number, error: ProtocolError]

/** The line that begins at `at` in `text`, looked at up to `seen` before. */
export interface LineBegun {
  readonly text: string
  readonly at: number
  readonly seen: number
}

/** Of a request line. One of `limit` octets is too long. */
export function requestLineFault(line: LineBegun, limit: number): ProtocolError | null {
  const faults: Fault[] = [
    [line.at + limit - 1, protocolErrors.requestLineTooLong],
    [garbage(NEVER_IN_REQUEST_LINE, line), protocolErrors.badRequestLine],
    [spoiltMethod(line), protocolErrors.badRequestLine],
  ]
  return first(faults, line, whatIsWrongWithRequestLine)
}

/** Of a field line. `sectionEnd` is how far all fields may reach. */
export function fieldLineFault(line: LineBegun, limit: number, sectionEnd: number): ProtocolError | null {
  const faults: Fault[] = [
    [line.at + limit - 1, protocolErrors.fieldTooLong],
    [sectionEnd, protocolErrors.fieldsTooLarge],
    [garbage(NEVER_IN_HEAD, line), protocolErrors.badField],
  ]
  return first(faults, line, whatIsWrongWithField)
}

/** `faults` are those a line can have before its end has come; of two that show at one octet the one listed first is named. */
function first(faults: Fault[], { text, at, seen }: LineBegun, whatIsWrong: (line: string) => ProtocolError): ProtocolError | null {
  const lineEnd = text.indexOf('\n', seen)
  if (lineEnd !== -1) faults.push([lineEnd, whatIsWrong(text.slice(at, lineEnd + 1))])
  let earliest = text.length
  let found: ProtocolError | null = null
  for (const [where, error] of faults) {
    if (where >= earliest) continue
    earliest = where
    found = error
  }
  return found
}

/** Garbage that has no line end is told by its first octets: no blank can stand there, nor anything but a token before the blank. */
function spoiltMethod({ text, at, seen }: LineBegun): number {
  const space = text.indexOf(' ', at)
  if (space === at) return space
  const found = firstMatch(NOT_IN_METHOD, text, seen)
  return space !== -1 && space < found ? Number.POSITIVE_INFINITY : found
}

/** The first match that is new. It may begin with the last octet seen before, a CR. */
function garbage(never: RegExp, { text, at, seen }: LineBegun): number {
  return firstMatch(never, text, Math.max(at, seen - 1))
}

/** Where the last octet of the first match stands. */
function firstMatch(pattern: RegExp, text: string, from: number): number {
  pattern.lastIndex = from
  return pattern.test(text) ? pattern.lastIndex - 1 : Number.POSITIVE_INFINITY
}

function whatIsWrongWithRequestLine(line: string): ProtocolError {
  if (!line.endsWith('\r\n')) return protocolErrors.bareLineEnd
  return /^[^ ]+ [^ ]+ HTTP\/[0-9]\.[0-9]\r\n$/.test(line) && !/ HTTP\/1\.[0-9]\r\n$/.test(line)
    ? protocolErrors.badVersion
    : protocolErrors.badRequestLine
}

function whatIsWrongWithField(line: string): ProtocolError {
  if (line.startsWith(' ') || line.startsWith('\t')) return protocolErrors.foldedField
  return line.endsWith('\r\n') ? protocolErrors.badField : protocolErrors.bareLineEnd
}
