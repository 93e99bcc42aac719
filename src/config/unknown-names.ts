import { findAccepted } from './accepted-options.ts'
import type { Assignment, AssignmentGroup } from './assignment.ts'
import { makeWarning, type ConfigWarning } from './config-warning.ts'
import { API_OPTIONS, DEFAULT_OPTIONS } from './default-options.ts'
import { nearestName } from '../nearest.ts'
import { OPTION_ALIASES } from './option-aliases.ts'
import { WSGI_OPTIONS } from './wsgi-options.ts'

/** The names that mean something, by group. */
type KnownNames = ReadonlyMap<string, ReadonlySet<string>>

/** What of `groups` nobody reads while these APIs are enabled. */
export function findUnknownNames(groups: readonly AssignmentGroup[], apis: readonly string[]): ConfigWarning[] {
  const known = knownNames(apis)
  return groups.flatMap(({ group, source, assignments }) => {
    if (known.has(group) || findAccepted(group) !== undefined) return assignments.flatMap((assignment) => checkOption(assignment, known))
    const message = group.startsWith('wsgi:') ? 'no API of this name is enabled' : 'unknown section'
    return [makeWarning('warn', source, { section: group, message, nearest: nearestName(group, known.keys()) })]
  })
}

function knownNames(apis: readonly string[]): KnownNames {
  const perApi = apis.flatMap((api) => API_OPTIONS.map(({ name }) => `${api}_${name}`))
  const wsgi = new Set<string>(WSGI_OPTIONS.map(({ name }) => name))
  const known = new Map([['DEFAULT', new Set<string>([...DEFAULT_OPTIONS.map(({ name }) => name), ...perApi])], ['wsgi', wsgi]])
  for (const api of apis) known.set(`wsgi:${api}`, wsgi)
  for (const { group, name } of OPTION_ALIASES) known.set(group, new Set([...(known.get(group) ?? []), name]))
  return known
}

function checkOption({ group, name, source }: Assignment, known: KnownNames): ConfigWarning[] {
  const names = known.get(group) ?? new Set()
  if (names.has(name)) return []
  const accepted = findAccepted(group, name)
  const place = { section: group, option: name }
  if (accepted !== undefined) return [makeWarning('info', source, { ...place, message: `has no effect here: ${accepted.why}` })]
  const ofApi = group === 'DEFAULT' && API_OPTIONS.some((row) => name.endsWith(`_${row.name}`))
  const message = ofApi ? 'no API of this name is enabled' : 'unknown option'
  const home = [...known].find(([, names]) => names.has(name))?.[0]
  const nearest = home === undefined ? nearestName(name, names) : `[${home}] ${name}`
  return [makeWarning('warn', source, { ...place, message, nearest })]
}
