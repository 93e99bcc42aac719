import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { replay, type Files } from './replay.ts'

/** Who may define `k`, in the order of the digits of {@link recorded}. */
const DEFINERS = ['defaultA', 'setA', 'ownA', 'defaultB', 'setB', 'ownB', 'caller'] as const
type Definer = (typeof DEFINERS)[number]

/** For each choice of them: `k` of the globals, `k` of the section, and what `%(k)s` reads in B; or the error. */
const recorded = JSON.parse(readFileSync(join(import.meta.dirname, 'precedence.json'), 'utf8')) as Record<
  'two' | 'one',
  Record<string, [string | null, string | null, string | null] | string>
>

function write(definers: readonly Definer[], use: string): Record<'A' | 'B' | 'defaultB', string> {
  const line = (definer: Definer, key: string): string => (definers.includes(definer) ? `${key} = ${definer}\n` : '')
  const a = `[DEFAULT]\n${line('defaultA', 'k')}[app:main]\nuse = ${use}\n${line('setA', 'set k')}${line('ownA', 'k')}`
  const b = `[app:b]\npaste.app_factory = rec:app\nread = %(k)s\n${line('setB', 'set k')}${line('ownB', 'k')}`
  return { A: a, B: b, defaultB: `[DEFAULT]\n${line('defaultB', 'k')}` }
}

const FILES: Record<'two' | 'one', (definers: readonly Definer[]) => Files> = {
  two(definers) {
    const { A, B, defaultB } = write(definers, 'config:b.ini#b')
    return { 'api-paste.ini': A, 'b.ini': `${defaultB}${B}` }
  },
  one(definers) {
    const { A, B } = write(definers, 'b')
    return { 'api-paste.ini': `${A}${B}` }
  },
}

async function settingsOf(files: Files, globalConf: Record<string, string>): Promise<unknown> {
  const outcome = await replay(files, { op: 'app', globalConf, expect: { made: [], replies: [] } })
  if (!('made' in outcome)) return outcome
  const [, globals, locals] = outcome.made[0] as [string, Record<string, string>, Record<string, string>]
  return [globals['k'] ?? null, locals['k'] ?? null, locals['read'] ?? null]
}

describe.each([
  { what: 'an app that uses one of another file', files: FILES.two, facts: recorded.two },
  { what: 'an app that uses one of its own file', files: FILES.one, facts: recorded.one },
])('$what', ({ files, facts }) => {
  const cases = Object.entries(facts).map(([digits, fact]) => ({ definers: DEFINERS.filter((_, index) => digits[index] === '1'), fact }))

  it.each(cases.map((one) => ({ ...one, who: one.definers.join(', ') || 'nobody' })))('$who', async ({ definers, fact }) => {
    const settings = await settingsOf(files(definers), definers.includes('caller') ? { k: 'caller' } : {})
    if (typeof fact === 'string') expect(settings).toMatchObject({ refused: { option: 'read' } })
    else expect(settings).toEqual(fact)
  })
})
