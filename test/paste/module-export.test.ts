import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { importExport, importFunction } from '../../src/paste/module-export.ts'
import type { Place } from '../../src/paste/uri.ts'
import { problemOf, writeFiles } from './paste-files.ts'

const FILES = {
  'conf/api-paste.ini': '',
  'conf/app.mjs': `
    export const factory = () => 'factory'
    export class Maker { static label = 'made'; static make() { return this.label } static nothing = null }
    export default () => 'default'
    export const number = 1
  `,
  'conf/legacy.cjs': `const parts = { factory: () => 'legacy' }; for (const name of ['factory']) module.exports[name] = parts[name]`,
  'conf/many.mjs': Array.from({ length: 13 }, (_, n) => `export const e${n} = ${n}\n`).join(''),
  'conf/blank.mjs': '',
  'node_modules/needy/index.js': `require('gone')`,
  'conf/throws.mjs': `throw new TypeError('first line\\nsecond line')`,
  'lib/app.mjs': `export const factory = () => 'above'`,
  'node_modules/esm-only/package.json': '{ "type": "module", "exports": { ".": { "import": "./index.js" } } }',
  'node_modules/esm-only/index.js': `export const factory = () => 'esm only'`,
  'node_modules/esm/package.json': '{ "type": "module", "exports": "./index.js" }',
  'node_modules/esm/index.js': `export const factory = () => 'esm'`,
  'node_modules/cjs/index.js': `exports.factory = () => 'cjs'`,
  'node_modules/@scope/pkg/package.json': '{ "exports": { "./sub": "./lib/sub.js" } }',
  'node_modules/@scope/pkg/lib/sub.js': `exports.factory = () => 'scoped'`,
}

function placeIn(directory: string, value: string): Place {
  return { file: join(directory, 'conf/api-paste.ini'), line: 7, section: 'app:main', option: 'paste.app_factory', value }
}

function importFrom(target: string): { directory: string; imported: Promise<(...args: never[]) => unknown> } {
  const directory = writeFiles(FILES)
  return { directory, imported: importFunction(target.replace('DIRECTORY', directory), placeIn(directory, target)) }
}

describe('module:export', () => {
  test.each([
    ['./app.mjs:factory', 'factory'],
    ['./app.mjs:default', 'default'],
    ['./app.mjs : Maker.make ', 'made'],
    ['./app.mjs:Maker.make', 'made'],
    ['../lib/app.mjs:factory', 'above'],
    ['DIRECTORY/lib/app.mjs:factory', 'above'],
    ['./legacy.cjs:factory', 'legacy'],
    ['./legacy.cjs:default.factory', 'legacy'],
    ['esm:factory', 'esm'],
    ['esm-only:factory', 'esm only'],
    ['cjs:factory', 'cjs'],
    ['@scope/pkg/sub:factory', 'scoped'],
  ])('%s is imported as from the INI file', async (target, result) => {
    expect((await importFrom(target).imported)()).toBe(result)
  })

  test.each([
    ['./app.mjs:factroy', { message: "'factroy' is not exported", nearest: 'factory', expected: 'one of Maker, default, factory, number' }],
    ['./many.mjs:x', { message: "'x' is not exported", expected: undefined }],
    ['./blank.mjs:x', { message: "'x' is not exported", expected: undefined }],
    ['./app.mjs:Maker.mak', { message: "'mak' is not exported", nearest: 'make', expected: undefined }],
    ['./app.mjs:Maker.nothing.x', { message: "'x' is not exported", nearest: undefined }],
    ['./app.mjs:Makr.make', { message: "'Makr' is not exported", nearest: 'Maker' }],
    ['./app.mjs:number', { message: "'number' is not a function", expected: 'a factory' }],
    ['./app.mjs', { message: 'Configuration not in format module:function' }],
    ['./app.mjs:', { message: 'Configuration not in format module:function' }],
    [':factory', { message: 'Configuration not in format module:function' }],
    ['./throws.mjs:factory', { message: "'./throws.mjs' cannot be imported: TypeError: first line (at DIRECTORY/conf/throws.mjs:1:7)" }],
    ['./absent.mjs:factory', { message: "'./absent.mjs' cannot be imported: there is no file DIRECTORY/conf/absent.mjs", nearest: undefined }],
    ['./ap.mjs:factory', { message: "'./ap.mjs' cannot be imported: there is no file DIRECTORY/conf/ap.mjs", nearest: './app.mjs' }],
    ['../lib/app:factory', { message: "'../lib/app' cannot be imported: there is no file DIRECTORY/lib/app", nearest: '../lib/app.mjs' }],
    ['../nowhere/app.mjs:factory', { message: expect.stringMatching(/there is no file/), nearest: undefined }],
    ['nova.api.openstack:factory', {
      message: "'nova.api.openstack' cannot be imported: nothing stands for this Python module here",
      expected: './file.js:export, or an npm package that is installed',
    }],
    ['needy:factory', { message: expect.stringMatching(/^'needy' cannot be imported: .*Cannot find module 'gone' \(at .*needy\/index\.js:1:1\)$/) }],
    ['absent:factory', { message: "'absent' cannot be imported: there is no such package" }],
    ['@scope/pkg:factory', { message: expect.stringMatching(/^'@scope\/pkg' cannot be imported: .*exports/) }],
  ])('%s is an error', async (target, problem) => {
    const { directory, imported } = importFrom(target)
    const { message, ...found } = await problemOf(imported)
    const placeless = { ...found, message: message.replaceAll(directory, 'DIRECTORY') }
    expect(placeless).toMatchObject({ ...placeIn(directory, target), ...problem })
  })

  test('keeps what the module threw as the cause', async () => {
    await expect(importFrom('./throws.mjs:factory').imported).rejects.toMatchObject({ cause: new TypeError('first line\nsecond line') })
  })
})

function exportOf(target: string): Promise<unknown> {
  return importExport(target, placeIn(writeFiles(FILES), target))
}

describe('an export of any type', () => {
  test('is imported as it is, a function bound to what holds it', async () => {
    expect(await exportOf('./app.mjs:number')).toBe(1)
    expect(await exportOf('./app.mjs:Maker.label')).toBe('made')
    expect(((await exportOf('./app.mjs:Maker.make')) as () => string)()).toBe('made')
  })

  test.each([
    ['./app.mjs:numbr', { message: "'numbr' is not exported", nearest: 'number', line: 7 }],
    ['./app.mjs:Makr.label', { message: "'Makr' is not exported", nearest: 'Maker' }],
    ['./none.mjs:app', { message: expect.stringMatching(/^'\.\/none\.mjs' cannot be imported: /) }],
    ['./app.mjs', { message: 'Configuration not in format module:function' }],
  ])('%s is an error', async (target, problem) => {
    expect(await problemOf(exportOf(target))).toMatchObject(problem)
  })
})
