/** A piece of a path: fixed text, one segment or a part of it, or all that is left. */
export type PathPart = TextPart | Parameter

interface TextPart {
  readonly kind: 'text'
  readonly text: string
}

export interface Parameter {
  readonly kind: 'segment' | 'rest'
  /** `*` for a rest without a name. */
  readonly name: string
  /** What it must match, whole. */
  readonly regex?: string
}

/** There is a path with these parts, and one without them. */
interface OptionalParts {
  readonly kind: 'optional'
  readonly parts: readonly PathPart[]
}

type Token = PathPart | OptionalParts

interface Reader {
  readonly syntax: RegExp
  /** Of the bracket that the syntax opened, what is in it is a regular expression. */
  readonly close?: ')' | '}'
  readonly read: (name: string, regex?: string) => Token
}

/** An extension's name has no dot: of `a.tar.gz` it is `gz`. */
const EXTENSION = '[^./]+'

/** find-my-way's syntax, and that of Python's Routes. The first that matches reads. */
const READERS: readonly Reader[] = [
  { syntax: /((?:[^:{*/]|\/(?!:\w+\?$))+)/y, read: text },
  { syntax: /::/y, read: () => text(':') },
  { syntax: /:\((\w+)\)/y, read: parameter },
  { syntax: /\/:(\w+)\?$/y, read: (name) => optional(text('/'), parameter(name)) },
  { syntax: /:(\w+)\(/y, close: ')', read: parameter },
  { syntax: /:(\w+)/y, read: parameter },
  { syntax: /\{\.(\w+):/y, close: '}', read: (name, regex) => optional(text('.'), parameter(name, regex)) },
  { syntax: /\{\.(\w+)\}/y, read: (name) => optional(text('.'), parameter(name, EXTENSION)) },
  { syntax: /\{(\w+):/y, close: '}', read: parameter },
  { syntax: /\{(\w+)\}/y, read: parameter },
  { syntax: /\*(\w+)/y, read: (name) => ({ kind: 'rest', name, regex: '.+' }) },
  { syntax: /\*/y, read: () => ({ kind: 'rest', name: '*' }) },
]

const OPENING = { ')': '(', '}': '{' } as const

/** Reads a path into its parts: once, or with and without what is optional in it. Throws Error for what it cannot read. */
export function expandPath(path: string): PathPart[][] {
  const tokens: Token[] = []
  for (let at = 0; at < path.length; ) {
    const { token, end } = readToken(path, at)
    tokens.push(token)
    at = end
  }
  return expand(tokens)
}

function readToken(path: string, at: number): { token: Token; end: number } {
  for (const { syntax, close, read } of READERS) {
    syntax.lastIndex = at
    const match = syntax.exec(path)
    if (match === null) continue
    const [{ length }, name = ''] = match
    if (close === undefined) return { token: read(name), end: at + length }
    const end = findClosing(path, at + length, close)
    return { token: read(name, path.slice(at + length, end)), end: end + 1 }
  }
  throw new Error(`"${path.slice(at)}" cannot be read as a part of a path.`)
}

/** Where the bracket that was opened before `at` is closed. A backslash takes its meaning from a bracket. */
function findClosing(path: string, at: number, close: ')' | '}'): number {
  let depth = 1
  for (let index = at; index < path.length; index++) {
    if (path[index] === '\\') index += 1
    else if (path[index] === OPENING[close]) depth += 1
    else if (path[index] === close && --depth === 0) return index
  }
  throw new Error(`a ${close} is missing.`)
}

function expand(tokens: readonly Token[]): PathPart[][] {
  const at = tokens.findIndex(isOptional)
  const token = tokens[at]
  if (token === undefined || !isOptional(token)) return [joinTexts(tokens as readonly PathPart[])]
  const [before, after] = [tokens.slice(0, at), tokens.slice(at + 1)]
  return [...expand([...before, ...token.parts, ...after]), ...expand([...before, ...after])]
}

function isOptional(token: Token): token is OptionalParts {
  return token.kind === 'optional'
}

/** A path that is nothing without its optional part is `/`. */
function joinTexts(parts: readonly PathPart[]): PathPart[] {
  const joined: PathPart[] = []
  for (const part of parts) {
    const last = joined.at(-1)
    if (part.kind === 'text' && last?.kind === 'text') joined[joined.length - 1] = text(last.text + part.text)
    else joined.push(part)
  }
  return joined.length === 0 ? [text('/')] : joined
}

function text(text: string): TextPart {
  return { kind: 'text', text }
}

function parameter(name: string, regex?: string): Parameter {
  return { kind: 'segment', name, ...(regex === undefined ? {} : { regex }) }
}

function optional(...parts: readonly PathPart[]): OptionalParts {
  return { kind: 'optional', parts }
}
