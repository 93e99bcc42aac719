/**
 * The grammar of RFC 9110 and RFC 9112 as sticky regular expressions over latin1 text, where one character is one octet (RFC 9112 §2.2).
 * Every class inside a `*` or `+` excludes the character that ends it, so none of them backtracks more than once per octet.
 */

const TCHAR = "!#$%&'*+\\-.^_`|~0-9A-Za-z"
/** field-content and the blanks around it: VCHAR, obs-text, SP, HTAB (RFC 9110 §5.5). CR, LF, NUL and other controls are not among them. */
const FIELD_VALUE = '\\t\\x20-\\x7e\\x80-\\xff'

/** method = token (RFC 9110 §9.1), at the beginning of a line that need not be one. */
export const METHOD: RegExp = new RegExp(`[${TCHAR}]+`, 'y')

/** method SP request-target SP HTTP/1.x CRLF (RFC 9112 §3). `#` is in no form of a request-target (§3.2). */
export const REQUEST_LINE: RegExp = new RegExp(`[${TCHAR}]+ [\\x21\\x22\\x24-\\x7e]+ HTTP/1\\.[0-9]\\r\\n`, 'y')

/** field-line CRLF (RFC 9112 §5): no blank before the colon (§5.1), no folding (§5.2). */
export const FIELD_LINE: RegExp = new RegExp(`[${TCHAR}]+:[${FIELD_VALUE}]*\\r\\n`, 'y')

/** What can stand nowhere in a head: controls other than HTAB, and CR without LF. Garbage is refused before its line ends. */
export const NEVER_IN_HEAD: RegExp = /[^\t\r\n\x20-\x7e\x80-\xff]|\r[^\n]/g
/** What can stand nowhere in a request line, whose octets are US-ASCII. */
export const NEVER_IN_REQUEST_LINE: RegExp = /[^\r\n\x20-\x7e]|\r[^\n]/g

/** What can stand neither in a method nor behind it. A TLS hello begins with it, `SSH-2.0-` does not. */
export const NOT_IN_METHOD: RegExp = new RegExp(`[^${TCHAR} \\n]`, 'g')

export const TOKEN: RegExp = new RegExp(`^[${TCHAR}]+$`)

/** absolute-form (RFC 9112 §3.2.2) of the schemes a server is asked for. Groups: authority, path and query. */
export const ABSOLUTE_FORM: RegExp = /^https?:\/\/([^/?]+)(.*)$/i

/** Content-Length = 1*DIGIT (RFC 9110 §8.6). 15 digits are below 2^53: no server has a petabyte to read. */
export const CONTENT_LENGTH: RegExp = /^0*[0-9]{1,15}$/

/** `%` without two hex digits behind it (RFC 3986 §2.1). */
export const BROKEN_ESCAPE: RegExp = /%(?![0-9A-Fa-f]{2})/

const QUOTED = `"(?:[\\t\\x20\\x21\\x23-\\x5b\\x5d-\\x7e\\x80-\\xff]|\\\\[${FIELD_VALUE}])*"`
/** chunk-size [ chunk-ext ] CRLF (RFC 9112 §7.1). Group: the size. 13 hex digits are below 2^53. */
export const CHUNK_LINE: RegExp = new RegExp(
  `^0*([0-9A-Fa-f]{1,13})(?:[ \\t]*;[ \\t]*[${TCHAR}]+(?:[ \\t]*=[ \\t]*(?:[${TCHAR}]+|${QUOTED}))?)*\\r\\n$`,
)

/** field values a server may send; CR or LF here would be response splitting (RFC 9112 §11.1). */
export const VALUE_TO_SEND: RegExp = new RegExp(`^[${FIELD_VALUE}]*$`)

/** `text` from `start` to `end` without SP and HTAB around it. `trim()` would also take NBSP, which is obs-text (RFC 9110 §5.6.3). */
export function trimBlanks(text: string, start: number, end: number): string {
  let from = start
  let to = end
  while (from < to && isBlank(text.charCodeAt(from))) from += 1
  while (to > from && isBlank(text.charCodeAt(to - 1))) to -= 1
  return text.slice(from, to)
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09
}
