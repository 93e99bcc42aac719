import { expandPath, type Parameter, type PathPart } from './path-syntax.ts'

/** One form of a route's path. An optional part gives a path two of them. */
export interface PathPattern {
  readonly parts: readonly PathPart[]
  /** The parameters' names. */
  readonly names: readonly string[]
  /** In find-my-way's syntax. */
  readonly treePath: string
  /** The same for two paths that find-my-way cannot tell apart. */
  readonly key: string
}

/** What parameters must match, whole, by their names. */
export type Requirements = Readonly<Record<string, RegExp | string>>

/** Routes' own pattern for a parameter; find-my-way's would also match nothing at all. */
const SOMETHING = '[^/]+?'
/** Takes all that is left of a path, slashes too. */
const REST = /^\.[*+]$/

/**
 * Every form of a route's paths, as the route tree takes it. `required` comes before a pattern in the path, and that before `usual`.
 * @throws Error when a path cannot be read, has a name twice, or `required` names a parameter none of them has.
 */
export function readPaths(paths: readonly string[], required: Requirements = {}, usual: Requirements = {}): [PathPattern, ...PathPattern[]] {
  const patterns = paths.flatMap(expandPath).map((parts) => patternOf(restrict(parts, required, usual)))
  const names = new Set(patterns.flatMap((pattern) => pattern.names))
  const unknown = Object.keys(required).find((name) => !names.has(name))
  if (unknown !== undefined) throw new Error(`its requirements name ${unknown}, which is no parameter of the path.`)
  return patterns as [PathPattern, ...PathPattern[]]
}

/** Gives the parameters their requirements. */
function restrict(parts: readonly PathPart[], required: Requirements, usual: Requirements): PathPart[] {
  return parts.map((part, index) => {
    if (part.kind === 'text') return part
    const regex = sourceOf(required[part.name]) ?? part.regex ?? sourceOf(usual[part.name])
    return regex === undefined ? part : restrictTo(part, regex, index === parts.length - 1)
  })
}

function restrictTo({ kind, name }: Parameter, regex: string, last: boolean): Parameter {
  const takesAll = REST.test(regex)
  if (takesAll && !last) throw new Error(`${name} takes what is left of the path (${regex}); only its end can.`)
  if (kind === 'rest' && !takesAll) throw new Error(`${name} is all that is left of the path; it cannot have to match ${regex}.`)
  return takesAll ? { kind: 'rest', name, regex } : { kind, name, regex: checkRegex(name, regex) }
}

function sourceOf(requirement: RegExp | string | undefined): string | undefined {
  if (!(requirement instanceof RegExp)) return requirement
  if (requirement.flags !== '') throw new Error(`the requirement ${requirement} has flags, which cannot be kept.`)
  return requirement.source
}

/** A requirement is of the whole parameter, so that anchors say nothing; groups would count as parameters, so they capture nothing. */
function checkRegex(name: string, regex: string): string {
  const whole = regex.replace(/^\^/, '').replace(/(?<!\\)\$$/, '').replace(/(?<!\\)\((?!\?)/g, '(?:')
  try {
    return new RegExp(whole).source
  } catch (cause) {
    throw new Error(`the requirement of ${name} is no regular expression: ${(cause as Error).message}`, { cause })
  }
}

function patternOf(parts: readonly PathPart[]): PathPattern {
  const names = parts.flatMap((part) => (part.kind === 'text' ? [] : [part.name]))
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) throw new Error(`the path has two parameters ${twice}.`)
  const pieces = parts.map((part, index) => pieceOf(part, fillsSegment(parts, index)))
  return { parts, names, treePath: pieces.map(({ tree }) => tree).join(''), key: pieces.map(({ key }) => key).join('') }
}

function pieceOf(part: PathPart, whole: boolean): { tree: string; key: string } {
  if (part.kind === 'text') return { tree: part.text.replaceAll(':', '::'), key: part.text }
  if (part.kind === 'rest') return { tree: '*', key: '*' }
  if (whole && part.regex === undefined) return { tree: `:${part.name}`, key: ':' }
  return { tree: `:${part.name}(${guardEnd(part.regex ?? SOMETHING)})`, key: ':()' }
}

/** find-my-way takes a `$` from the end, also where a backslash makes it a character. */
function guardEnd(regex: string): string {
  return regex.endsWith('$') ? `(?:${regex})` : regex
}

/** A whole segment needs no regular expression, which the tree is faster without. */
function fillsSegment(parts: readonly PathPart[], index: number): boolean {
  const [before, after] = [parts[index - 1], parts[index + 1]]
  return before?.kind === 'text' && before.text.endsWith('/') && (after === undefined || (after.kind === 'text' && after.text.startsWith('/')))
}
