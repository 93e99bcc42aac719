import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { builtins } from '../../src/builtins.ts'
import { Loader } from '../../src/paste/loader.ts'

const SOURCES = join(import.meta.dirname, '../../src/middleware')

/** The INI examples in the comments of a source. */
function examplesIn(file: string): string[] {
  const comments = readFileSync(join(SOURCES, file), 'utf8').matchAll(/```ini\n(.*?)```/gs)
  return [...comments].map(([, example = '']) => example.replaceAll(/^ \* ?/gm, ''))
}

const EXAMPLES = readdirSync(SOURCES).flatMap((file) => examplesIn(file).map((example): [string, string] => [file, example]))

let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-examples-'))
  writeFileSync(join(folder, 'users.htpasswd'), `ada:$2b$10$${'.'.repeat(53)}\n`)
})
afterAll(() => rmSync(folder, { recursive: true }))

test('each of these filters has an example', () => {
  const files = ['auth-token', 'basic-auth', 'compress', 'etag', 'keystone-context', 'no-auth', 'rate-limit', 'secure-headers', 'timeout']
  expect(EXAMPLES.map(([file]) => file)).toEqual(expect.arrayContaining(files.map((file) => `${file}.ts`)))
})

test.each(EXAMPLES)('the example in %s can be pasted', async (file, example) => {
  const path = join(folder, `${file}.ini`)
  writeFileSync(path, example)
  const sections = [...example.matchAll(/^\[(app|filter):(.+)\]$/gm)].map(([, type = '', name = '']) => ({ type, name }))
  expect(sections).not.toEqual([])
  const loader = new Loader({ configPath: path, builtins })
  for (const { type, name } of sections) expect(await (type === 'app' ? loader.loadApp(name) : loader.loadFilter(name))).toBeTypeOf('function')
})
