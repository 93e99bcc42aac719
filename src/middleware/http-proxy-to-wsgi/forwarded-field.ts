import { unquote } from '../../compose/quoted-string.ts'

/** The Forwarded field (RFC 7239 §4), read from the right: what stands at the left is for any client to write, and may be no grammar at all. */

const TOKEN = "[\\w!#$%&'*+\\-.^`|~]+"
const QUOTED = '"(?:[\\t \\x21\\x23-\\x5b\\x5d-\\x7e\\x80-\\xff]|\\\\[\\t \\x21-\\x7e\\x80-\\xff])*"'
const PAIR = `(${TOKEN})=(${TOKEN}|${QUOTED})`

/** One forwarded-element. Blanks behind a semicolon are not in the grammar, but are what people write. */
const ELEMENT = new RegExp(`^(?:${PAIR})?(?:;[ \\t]*(?:${PAIR})?)*$`)
const PAIRS = new RegExp(PAIR, 'g')

/** How many commas an element may have, in quoted strings. A bound, so that no field takes long to read. */
const MOST_COMMAS = 8

/** What one proxy has said. */
export interface ForwardedElement {
  /** Its parameters, by their names in lower case. */
  readonly pairs: ReadonlyMap<string, string>
  /** Where in the field it begins. */
  readonly start: number
}

/**
 * The elements from the last to the first, until one that is malformed. A suffix of the field that begins inside a quoted string has a quote
 * too many, so the shortest that is an element is the one that was meant, whatever stands before it.
 */
export function* readFromRight(field: string): Generator<ForwardedElement> {
  for (let end = field.length; end >= 0; ) {
    const start = startOfElement(field, end)
    const pairs = start === null ? null : readPairs(field.slice(start, end))
    if (start === null || pairs === null) return
    if (pairs.size > 0) yield { pairs, start }
    end = start - 1
  }
}

function startOfElement(field: string, end: number): number | null {
  for (let commas = 0, before = end; commas <= MOST_COMMAS && before >= 0; commas += 1) {
    before = before === 0 ? -1 : field.lastIndexOf(',', before - 1)
    if (ELEMENT.test(field.slice(before + 1, end).trim())) return before + 1
  }
  return null
}

/** Null when a parameter stands twice, which none may. */
function readPairs(text: string): ReadonlyMap<string, string> | null {
  const rows = [...text.matchAll(PAIRS)].map(([, name = '', value = '']) => [name.toLowerCase(), unquote(value)] as const)
  const pairs = new Map(rows)
  return pairs.size === rows.length ? pairs : null
}
