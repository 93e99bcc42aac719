import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, test } from 'vitest'
import { explainImport } from '../../src/paste/import-failure.ts'
import { describeThrown } from '../../src/paste/thrown.ts'
import { writeFiles } from './paste-files.ts'

function failureOf(specifier: string, directory: string, error: unknown): string {
  const file = specifier.startsWith('.') ? join(directory, specifier) : undefined
  const place = { file: join(directory, 'api-paste.ini'), line: 2, section: 'app:main', option: 'use' }
  return explainImport(error, { specifier, file, place }).message.replaceAll(directory, 'DIRECTORY')
}

describe('what a module throws while it is imported is told with', () => {
  test('the line of the INI file, and that of the module', () => {
    const directory = writeFiles({ 'app.js': '' })
    const error = Object.assign(new TypeError('boom'), { stack: `TypeError: boom\n    at ${pathToFileURL(join(directory, 'app.js')).href}:3:7` })
    expect(failureOf('./app.js', directory, error)).toBe(
      `DIRECTORY/api-paste.ini:2: [app:main] use: './app.js' cannot be imported: TypeError: boom (at DIRECTORY/app.js:3:7)`,
    )
  })

  test.each([
    ['the module', { 'app.mjs': 'export const a = 1\nconst b = = 2\n' }, 'app.mjs:2'],
    ['a module that it imports', { 'app.mjs': 'import "node:fs"\nimport "./lib/b.mjs"\n', 'lib/b.mjs': 'import "../app.mjs"\n\nlet let = 1\n' }, 'lib/b.mjs:3'],
  ])('the line of %s whose syntax is wrong', (_title, files, place) => {
    const directory = writeFiles(files)
    const error = Object.assign(new SyntaxError('Unexpected token'), { stack: '' })
    expect(failureOf('./app.mjs', directory, error)).toMatch(`SyntaxError: Unexpected token (at DIRECTORY/${place})`)
  })

  test('nothing more, when the syntax is fine when it is read again', () => {
    const directory = writeFiles({ 'app.mjs': 'import "./absent.mjs"' })
    const error = Object.assign(new SyntaxError('odd'), { stack: 'SyntaxError: odd' })
    expect(failureOf('./app.mjs', directory, error)).toMatch(/SyntaxError: odd$/)
  })

  test('what is needed, of a TypeScript file that Node does not run', () => {
    const directory = writeFiles({ 'app.ts': '' })
    const error = Object.assign(new TypeError('Unknown file extension ".ts"'), { code: 'ERR_UNKNOWN_FILE_EXTENSION' })
    expect(failureOf('./app.ts', directory, error)).toBe(
      `DIRECTORY/api-paste.ini:2: [app:main] use: './app.ts' cannot be imported: Node ${process.versions.node} does not run TypeScript` +
        ' (expected Node 22.18 or newer, or the file compiled to JavaScript)',
    )
  })

  test('what Node says, of another file that it does not run', () => {
    const error = Object.assign(new TypeError('Unknown file extension ".txt"'), { code: 'ERR_UNKNOWN_FILE_EXTENSION', stack: '' })
    expect(failureOf('./app.txt', writeFiles({ 'app.txt': '' }), error)).toMatch(/TypeError: Unknown file extension "\.txt"$/)
  })
})

test('an ES module whose syntax is wrong is told with its line by Node alone', () => {
  const directory = writeFiles({ 'app.mjs': 'export const a = 1\nconst b = = 2\n', 'try.mjs': `
    import { importModule } from ${JSON.stringify(pathToFileURL(join(import.meta.dirname, '../../dist/paste/module-export.js')).href)}
    await importModule('./app.mjs', { file: process.argv[2] }).catch((error) => console.log(error.message))
  ` })
  const { stdout } = spawnSync(process.execPath, [join(directory, 'try.mjs'), join(directory, 'api-paste.ini')], { encoding: 'utf8' })
  expect(stdout.replaceAll(directory, 'DIRECTORY')).toBe(
    `DIRECTORY/api-paste.ini: './app.mjs' cannot be imported: SyntaxError: Unexpected token '=' (at DIRECTORY/app.mjs:2)\n`,
  )
})

function thrown(stack: unknown): unknown {
  return { stack, toString: () => 'Error: boom\nmore' }
}

describe('the place of what was thrown', () => {
  test.each([
    ['the innermost line in a file', 'Error: boom\n    at node:internal/x:1:2\n    at make (file:///srv/app.js:3:7)\n    at /srv/b.js:1:1', '/srv/app.js:3:7'],
    ['not in a package', 'Error: boom\n    at f (/srv/node_modules/p/index.js:1:1)\n    at async Promise.all (index 0)\n    at /srv/b.js:4:5', '/srv/b.js:4:5'],
    ['but in a package where nothing else is', 'Error: boom\n    at f (/srv/node_modules/p/index.js:1:1)', '/srv/node_modules/p/index.js:1:1'],
    ['on Windows', 'Error: boom\n    at f (C:\\srv\\app.js:3:7)', 'C:\\srv\\app.js:3:7'],
    ['what Node puts in front of a stack', '/srv/app.cjs:2\nconst b = = 2\n          ^\n\nSyntaxError: x\n    at /srv/b.js:1:1', '/srv/app.cjs:2'],
  ])('is %s', (_title, stack, place) => {
    expect(describeThrown(thrown(stack))).toBe(`Error: boom (at ${place})`)
  })

  test.each([['Error: boom\n    at node:internal/x:1:2'], [undefined], [1]])('is not known from %j', (stack) => {
    expect(describeThrown(thrown(stack))).toBe('Error: boom')
  })

  test('is not known of what is no error', () => {
    expect(describeThrown('boom')).toBe('boom')
    expect(describeThrown(null)).toBe('null')
  })
})
