import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { builtins } from '../src/builtins.ts'
import { exitCodes } from '../src/cli/exit-codes.ts'
import { DEFAULT_OPTIONS } from '../src/config/default-options.ts'
import { readIni, type IniSection } from '../src/config/ini.ts'
import { WSGI_OPTIONS } from '../src/config/wsgi-options.ts'
import { Loader } from '../src/paste/loader.ts'

const SOURCES = join(import.meta.dirname, '../src')

/** The INI examples in the comments of a source. */
function examplesIn(file: string): string[] {
  const comments = readFileSync(join(SOURCES, file), 'utf8').matchAll(/```ini\n(.*?)```/gs)
  return [...comments].map(([, example = '']) => example.replaceAll(/^ \* ?/gm, ''))
}

const FILES = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'))
const EXAMPLES = FILES.toSorted().flatMap((file) => examplesIn(file).map((example, index): [string, string, number] => [file, example, index]))

/** What examples name without showing it. */
const MODULES = {
  'package.json': '{ "type": "module" }',
  'hono.js': 'export const app = { fetch: () => new Response() }',
  'express.js': 'export const app = (req, res) => res.end()',
  'users.htpasswd': `ada:$2b$10$${'.'.repeat(53)}\n`,
}

let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-examples-'))
  mkdirSync(join(folder, 'public'))
  for (const [name, content] of Object.entries(MODULES)) writeFileSync(join(folder, name), content)
})
afterAll(() => rmSync(folder, { recursive: true }))

/** Sections for the apps and filters that an example names without showing them. */
function missingSections(sections: ReadonlyMap<string, IniSection>): string[] {
  const titles = new Set([...sections.keys()].map((name) => name.replace(/^.*:/, '')))
  const missing = [...sections.values()].filter(({ name }) => /^(?:composite|pipeline):/.test(name)).flatMap(({ options }) =>
    [...options.values()].filter(({ key }) => key !== 'use' && key !== 'catch').flatMap(({ value }) => {
      const names = value.split(/\s+/)
      return names.map((name, index) => ({ name, text: index === names.length - 1 ? `[app:${name}]\nuse = egg:millrace#healthcheck` : `[filter:${name}]\nuse = egg:millrace#lint` }))
    }),
  )
  return [...new Map(missing.filter(({ name }) => !titles.has(name)).map(({ name, text }) => [name, text])).values()]
}

test.each(EXAMPLES)('the example in %s can be pasted', async (file, example, index) => {
  const path = join(folder, `${file.replaceAll(/\W/g, '-')}-${index}.ini`)
  writeFileSync(path, example)
  const { sections } = readIni(path)
  writeFileSync(path, [example, ...missingSections(sections)].join('\n'))
  const loader = new Loader({ configPath: path, builtins })
  expect(sections.size).toBeGreaterThan(0)
  for (const [, type, name = ''] of [...sections.keys()].map((section) => section.split(/^(\w+):/))) {
    const load = type === 'filter' ? loader.loadFilter(name) : type === 'server' ? loader.loadServer(name) : loader.loadApp(name)
    expect(await load).toBeTypeOf('function')
  }
})

describe('examples/millrace.service', () => {
  const unit = readFileSync(join(SOURCES, '../examples/millrace.service'), 'utf8')

  test('does not start again what cannot be configured', () => {
    expect(unit).toMatch(new RegExp(`^RestartPreventExitStatus=${exitCodes.usage}$`, 'm'))
  })

  test('speaks of options that there are', () => {
    const named = unit.matchAll(/\b[a-z]+(?:_[a-z]+)+\b/g)
    const names = new Set([...DEFAULT_OPTIONS, ...WSGI_OPTIONS].map(({ name }): string => name))
    expect([...new Set([...named].map(([name]) => name))].filter((name) => !names.has(name))).toEqual([])
  })
})

/** The factories that sections of an example use: `filter millrace#cors`. */
function usesIn(example: string): string[] {
  const uses = example.matchAll(/^\[(\w+):.*\]\n(?:use|paste\.\w+) = (?:egg:|call:)?(.*)$/gm)
  return [...uses].map(([, type = '', name]) => `${type === 'composite' ? 'app' : type} ${name}`)
}

test('everything that is built in has an example', () => {
  const uses = new Set(EXAMPLES.flatMap(([, example]) => usesIn(example)))
  const rows = builtins.map(({ kind, names }) => names.map((name) => `${kind === 'composite' ? 'app' : kind} ${name}`))
  expect(rows.filter((names) => !names.some((name) => uses.has(name)))).toEqual([])
})
