// @ts-check
import { isIPv6 } from 'node:net'

/** The words of RFC 9110, 9112 and 3986, character by character, for the slow reader. */

/** `*( BWS ";" BWS name [ BWS "=" BWS ( token / quoted-string ) ] )`. @param {string} text */
export function isExtensions(text) {
  let at = 0
  const blanks = () => {
    while (text[at] === ' ' || text[at] === '\t') at += 1
  }
  const token = () => {
    const start = at
    while (isTchar(text[at])) at += 1
    return at > start
  }
  while (at < text.length) {
    blanks()
    if (text[at] !== ';') return false
    at += 1
    blanks()
    if (!token()) return false
    const behind = at
    blanks()
    if (text[at] !== '=') {
      at = behind
      continue
    }
    at += 1
    blanks()
    if (text[at] !== '"') {
      if (!token()) return false
      continue
    }
    for (at += 1; text[at] !== '"'; at += 1) {
      if (text[at] === '\\') at += 1
      const one = text[at]
      if (one === undefined || (one < ' ' && one !== '\t') || one === '\x7f') return false
    }
    at += 1
  }
  return true
}

/** @param {string} method @param {string} target */
export function isTarget(method, target) {
  if (method === 'CONNECT') return false
  if (target.startsWith('/')) return isPath(target)
  if (target === '*') return method === 'OPTIONS'
  const scheme = ['http://', 'https://'].find((one) => target.toLowerCase().startsWith(one))
  if (scheme === undefined) return false
  const rest = target.slice(scheme.length)
  const end = rest.search(/[/?]/)
  return end === -1 ? isHost(rest) : isHost(rest.slice(0, end)) && isPath(rest.slice(end))
}

/** Escapes are whole in the path; the query is the app's business. @param {string} text */
function isPath(text) {
  const [path = ''] = text.split('?')
  return path
    .split('%')
    .slice(1)
    .every((rest) => isHex(rest[0]) && isHex(rest[1]))
}

/** uri-host [ ":" port ]. @param {string} text */
export function isHost(text) {
  const bracket = text.indexOf(']') + 1
  const colon = text.indexOf(':', bracket)
  const name = colon === -1 ? text : text.slice(0, colon)
  const port = colon === -1 ? '' : text.slice(colon + 1)
  if (port !== '' && (!isDigits(port) || BigInt(port) > 65_535n)) return false
  if (bracket > 0) return name.startsWith('[') && name.endsWith(']') && isLiteral(name.slice(1, -1))
  return name !== '' && isName(name)
}

/** An IPv6 address without a zone, or what RFC 3986 keeps for later versions. @param {string} text */
function isLiteral(text) {
  const [version = '', ...rest] = text.split('.')
  if (!version.toLowerCase().startsWith('v')) return isIPv6(text) && !text.includes('%')
  const address = rest.join('.')
  return (
    version.length > 1 && every(version.slice(1), isHex) && address !== '' && every(address, (one) => one === ':' || isNameCharacter(one))
  )
}

/** reg-name, in which only obs-text and unreserved characters are escaped. @param {string} text */
function isName(text) {
  const [first = '', ...escaped] = text.split('%')
  return (
    every(first, isNameCharacter) &&
    escaped.every((part) => {
      const code = isHex(part[0]) && isHex(part[1]) ? Number.parseInt(part.slice(0, 2), 16) : 0
      const character = String.fromCharCode(code)
      return (code > 0x7f || isLetterOrDigit(character) || '-._~'.includes(character)) && every(part.slice(2), isNameCharacter)
    })
  )
}

/** @param {string} one */
function isNameCharacter(one) {
  return isLetterOrDigit(one) || "-._~!$&'()*+,;=".includes(one)
}

/** @param {string} text */
export function strip(text) {
  let from = 0
  let to = text.length
  while (' \t'.includes(text[from] ?? 'x')) from += 1
  while (to > from && ' \t'.includes(text[to - 1] ?? 'x')) to -= 1
  return text.slice(from, to)
}

/** @param {string} text */
export function isToken(text) {
  return text !== '' && every(text, isTchar)
}

/** @param {string | undefined} one */
function isTchar(one) {
  return isLetterOrDigit(one) || (one !== undefined && "!#$%&'*+-.^_`|~".includes(one))
}

/** @param {string | undefined} one */
function isLetterOrDigit(one) {
  return one !== undefined && ((one >= '0' && one <= '9') || (one >= 'a' && one <= 'z') || (one >= 'A' && one <= 'Z'))
}

/** @param {string} text */
export function isDigits(text) {
  return text !== '' && every(text, (one) => one >= '0' && one <= '9')
}

/** @param {string | undefined} one */
export function isHex(one) {
  return isLetterOrDigit(one) && String(one).toLowerCase() <= 'f'
}

/** @param {string} text @param {(one: string) => boolean} holds */
export function every(text, holds) {
  for (const one of text) if (!holds(one)) return false
  return true
}
