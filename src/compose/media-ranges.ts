import { unquote } from './quoted-string.ts'

/** One item of Accept, or a Content-Type: `application/*;q=0.8;version=2.1`. */
export interface MediaRange {
  /** In lower case; `` when it has none. */
  readonly type: string
  /** Names in lower case, values without their quotes. */
  readonly params: ReadonlyMap<string, string>
}

/**
 * What stands between commas, or semicolons, that are not inside quotes (RFC 9110 §5.6.1, §5.6.6). A quote nobody closes ends with the text:
 * whatever strangers send, no way through it is tried twice.
 */
const ITEMS = /(?:[^,"]|"(?:[^"\\]|\\.?)*(?:"|$))+/gs
const PARTS = /(?:[^;"]|"(?:[^"\\]|\\.?)*(?:"|$))+/gs

/** Reads Accept (RFC 9110 §12.5.1), or any other list of media types with parameters. What cannot be read is left out. */
export function parseMediaRanges(header: string): MediaRange[] {
  return (header.match(ITEMS) ?? []).map(parseMediaRange)
}

/** Reads a Content-Type (RFC 9110 §8.3.1). */
export function parseMediaRange(item: string): MediaRange {
  const [type = '', ...params] = (item.match(PARTS) ?? []).map((part) => part.trim())
  return { type: unquote(type).toLowerCase(), params: new Map(params.map(parseParameter)) }
}

function parseParameter(text: string): [name: string, value: string] {
  const equals = text.indexOf('=')
  if (equals === -1) return [text.toLowerCase(), '']
  return [text.slice(0, equals).trimEnd().toLowerCase(), unquote(text.slice(equals + 1).trimStart())]
}
