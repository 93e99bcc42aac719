import { beforeEach, expect, test, vi } from 'vitest'
import { findServable } from '../../src/cli/servable-apis.ts'
import type { ApiConfig } from '../../src/config/api-config.ts'
import { loadConfig } from '../../src/config/load.ts'
import { ConfigError } from '../../src/errors.ts'
import { PasteAppNotFound } from '../../src/paste/loader.ts'
import { Problems } from '../../src/problems.ts'
import { makeDirectory } from '../config/files.ts'

/** What each API's loader says. */
interface FakeLoader {
  readonly hasApp: () => boolean
  readonly describeApp: () => unknown
  readonly warnings: readonly object[]
}

const loaders = vi.hoisted(() => new Map<string, object>())
vi.mock('../../src/loaders.ts', () => ({ loaderOf: ({ name }: ApiConfig) => loaders.get(name) }))

const FINE: FakeLoader = { hasApp: () => true, describeApp: () => ({}), warnings: [] }

function fail(error: unknown): never {
  throw error
}

function find(own: Readonly<Record<string, Partial<FakeLoader>>>): { found: ReturnType<typeof findServable>; problems: Problems } {
  for (const [name, loader] of Object.entries(own)) loaders.set(name, { ...FINE, ...loader })
  const cwd = makeDirectory({ 'api-paste.ini': '', 'millrace.conf': `[DEFAULT]\nenabled_apis = ${Object.keys(own).join(', ')}\n` })
  const problems = new Problems()
  return { found: findServable(loadConfig({ files: [], dirs: [], sets: [], cwd }), problems), problems }
}

beforeEach(() => loaders.clear())

test('what sections say in vain is told of each API, and once of a section that two share', () => {
  const shared = { level: 'warn', file: 'api-paste.ini', line: 3, message: '[app:x] y: has no effect' }
  const own = { ...shared, line: 4 }
  const { found } = find({ a: { warnings: [shared] }, b: { warnings: [shared, own] } })
  expect(found).toMatchObject({ apis: [{ name: 'a' }, { name: 'b' }], absent: [], warnings: [{ ...shared, api: 'a' }, { ...own, api: 'b' }] })
})

test('an API without a section is left out, with nova\'s warning and the nearest name', () => {
  const absent = { hasApp: () => false, describeApp: () => fail(new PasteAppNotFound('a', 'api-paste.ini', { nearest: 'b' })) }
  const { found, problems } = find({ a: absent, b: {} })
  expect(found.apis.map(({ name }) => name)).toEqual(['b'])
  expect(found.absent).toMatchObject([{ api: 'a', level: 'warn', line: 2, message: expect.stringMatching(/^Could not load paste app 'a' from .*did you mean "b"\?$/) }])
  expect(problems.count).toBe(0)
})

test('an app that cannot be described is left to the process that loads it', () => {
  const { found, problems } = find({ a: { describeApp: () => fail(new ConfigError({ message: 'refers to itself' })) } })
  expect({ apis: found.apis.length, problems: problems.count }).toEqual({ apis: 1, problems: 0 })
})

test('a paste file that cannot be read is a problem, once for all its APIs', () => {
  const unreadable = { hasApp: () => fail(new ConfigError({ message: 'cannot be read', file: 'api-paste.ini' })) }
  const { found, problems } = find({ a: unreadable, b: unreadable, c: {} })
  expect(found.apis.map(({ name }) => name)).toEqual(['c'])
  expect(problems.count).toBe(1)
})

test('a fault of ours is no problem of the configuration', () => {
  expect(() => find({ a: { describeApp: () => fail(new TypeError('bug')) } })).toThrow(TypeError)
})
