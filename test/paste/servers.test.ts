import { describe, expect, test } from 'vitest'
import type { App, HttpRequest } from '../../src/app.ts'
import { Loader } from '../../src/paste/loader.ts'
import type { Builtin } from '../../src/paste/protocols.ts'
import { builtins, loaderOf, problemOf, problemsOf, type BuiltServer } from './paste-files.ts'

const app: App = () => ({ body: 'app' })
const modules = {
  'package.json': '{ "type": "module" }',
  's.js': `
    const server = (made, app, globalConf, localConf) => ({ made, app, globalConf, localConf, close: async () => {} })
    export const serve = (globalConf, localConf) => (app) => server('serve', app, globalConf, localConf)
    export const run = async (app, globalConf, localConf) => server('run', app, globalConf, localConf)
    export const entry = { 'paste.server_runner': run }
    export const refuses = () => { throw new TypeError('boom') }
    export const nothing = () => undefined
  `,
  'node_modules/pkg/package.json': '{ "type": "module", "exports": "./index.js" }',
  'node_modules/pkg/index.js': `export * from '../../s.js'`,
}

async function serve(ini: string, name?: string): Promise<Partial<BuiltServer>> {
  return (await loaderOf(ini, modules).loadServer(name, { g: '1' }))(app)
}

describe('[server:…]', () => {
  test.each([
    ['[server:main]\nuse = egg:Test#server', 'server'],
    ['[server:main]\nuse = egg:Test#runner', 'runner'],
    ['[server]\nuse = egg:Test#server', 'server'],
    ['[server:main]\npaste.server_factory = ./s.js:serve', 'serve'],
    ['[server:main]\npaste.server_runner = ./s.js:run', 'run'],
    ['[server:main]\nuse = call:./s.js:serve', 'serve'],
    ['[server:main]\nuse = egg:pkg#entry', 'run'],
    ['[server:main]\nuse = other\n[server:other]\nuse = egg:Test#server', 'server'],
    ['[server:main]\npaste.server_runner = ./s.js:run\npaste.server_factory = ./s.js:serve', 'serve'],
  ])('%j serves the app it is given', async (ini, made) => {
    expect(await serve(ini)).toMatchObject({ made, app })
  })

  test('gets its settings as apps do, and filter-with like any other', async () => {
    const ini = '[DEFAULT]\nd = 1\n[server:x]\nuse = y\nset s = x\nport = 80\nfilter-with = f\n[server:y]\nuse = egg:Test#server\nport = 1\nhost = h'
    const { globalConf, localConf } = await serve(ini, 'x')
    expect(globalConf).toMatchObject({ d: '1', g: '1', s: 'x' })
    expect(localConf).toMatchObject({ port: '80', host: 'h', 'filter-with': 'f' })
  })

  test('runs a runner only when it is called with the app', async () => {
    const calls: App[] = []
    const { configPath } = loaderOf('[server:main]\nuse = egg:Own#runner')
    const running = { address: { address: '', port: 0 }, close: () => Promise.resolve() }
    const runner: Builtin = { kind: 'server_runner', factory: (given) => (calls.push(given), running) }
    const served = await new Loader({ configPath, builtins: [{ ...runner, names: ['Own#runner'] }] }).loadServer()
    expect(calls).toEqual([])
    expect(await served(app)).toBe(running)
    expect(calls).toEqual([app])
  })

  test.each([
    ['[server:main]\npaste.server_runner = ./s.js:refuses', /the factory failed: TypeError: boom/],
    ['[server:main]\npaste.server_factory = ./s.js:refuses', /the factory failed: TypeError: boom/],
    ['[server:main]\npaste.server_factory = ./s.js:nothing', /the factory returned undefined/],
    ['[server:main]\nuse = egg:Test#app', /Entry point 'app' not found in egg 'Test' \(protocols: paste.server_factory, paste.server_runner\)/],
    ['[app:main]\nuse = egg:Test#app', /No section 'main' \(prefixed by 'server'\) found/],
    ['[server:main]\nx = 1', /No loader given in section 'server:main'/],
  ])('%j is an error', async (ini, message) => {
    expect((await problemOf(serve(ini))).message).toMatch(message)
  })

  test('is no app', async () => {
    expect(await problemsOf(loaderOf(''), loaderOf('[server:main]\nuse = egg:Test#server').loadApp())).toHaveLength(1)
  })
})

test('a composite gets servers by name', async () => {
  const seen: unknown[] = []
  const composite: Builtin = {
    kind: 'composite',
    async factory(loader) {
      const built = (await (await loader.getServer('x', { g: '2' }))(app)) as BuiltServer
      seen.push(built.globalConf['g'], built.localConf)
      return built.app
    },
  }
  const { configPath } = loaderOf('[composite:main]\nuse = egg:Own#composite\n[server:x]\nuse = egg:Test#server\nport = 1')
  const loader = new Loader({ configPath, builtins: [...builtins, { ...composite, names: ['Own#composite'] }] })
  expect(await (await loader.loadApp())({} as HttpRequest)).toEqual({ body: 'app' })
  expect(seen).toEqual(['2', { port: '1' }])
})
