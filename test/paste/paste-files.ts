import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { App, Conf, Filter, HttpRequest, RunningServer } from '../../src/app.ts'
import { ConfigError, describeProblem, type ConfigProblem } from '../../src/errors.ts'
import { Loader } from '../../src/paste/loader.ts'
import type { BuiltinRegistry } from '../../src/paste/registry.ts'
import { Problems } from '../../src/problems.ts'

/** What an app of {@link builtins} answers: what its factory was given, and what is below it. */
export interface Built {
  readonly made: string
  readonly globalConf: Conf
  readonly localConf: Conf
  readonly next?: Built
  readonly mounts?: Readonly<Record<string, Built>>
}

function answering(built: Built): App {
  return () => ({ body: built })
}

function wrapping(next: App, built: Built): App {
  return async (request) => ({ body: { ...built, next: (await next(request)).body } })
}

/** A server that serves nothing, but tells what it was given. */
export interface BuiltServer extends RunningServer {
  readonly made: string
  readonly globalConf: Conf
  readonly localConf: Conf
  readonly app: App
}

function serving(made: string, app: App, globalConf: Conf, localConf: Conf): BuiltServer {
  return { made, app, globalConf, localConf, address: { address: '127.0.0.1', port: 1 }, close: () => Promise.resolve() }
}

/** Factories that tell what they were given; `Test#composite` mounts what its `/` keys name, and wraps it by its `wrap` key. */
export const builtins: BuiltinRegistry = [
  { names: ['Test#main'], kind: 'app', factory: (globalConf, localConf) => answering({ made: 'main', globalConf, localConf }) },
  { names: ['Test#app', 'test.apps:app_factory'], kind: 'app', factory: (globalConf, localConf) => answering({ made: 'app', globalConf, localConf }) },
  {
    names: ['Test#filter', 'Test#both', 'test.filters:Filter.factory'],
    kind: 'filter',
    factory: (globalConf, localConf) => (next) => wrapping(next, { made: 'filter', globalConf, localConf }),
  },
  { names: ['Test#both'], kind: 'app', factory: (globalConf, localConf) => answering({ made: 'both', globalConf, localConf }) },
  {
    names: ['Test#filter_app'],
    kind: 'filter_app',
    factory: (next, globalConf, localConf) => wrapping(next, { made: 'filter_app', globalConf, localConf }),
  },
  { names: ['Test#server'], kind: 'server', factory: (globalConf, localConf) => (app) => serving('server', app, globalConf, localConf) },
  { names: ['Test#runner'], kind: 'server_runner', factory: (app, globalConf, localConf) => serving('runner', app, globalConf, localConf) },
  {
    names: ['Test#composite', 'test.apps:composite_factory'],
    kind: 'composite',
    async factory(loader, globalConf, localConf) {
      const filter: Filter = localConf['wrap'] === undefined ? (next) => next : await loader.getFilter(localConf['wrap'])
      const apps: [string, App][] = []
      const problems = new Problems()
      for (const [key, name] of Object.entries(localConf)) {
        const app = key.startsWith('/') ? await problems.tryAsync(() => loader.getApp(name, globalConf)) : undefined
        if (app !== undefined) apps.push([key, app])
      }
      problems.throwAny()
      return filter(async (request) => {
        const mounts: Record<string, Built> = {}
        for (const [key, app] of apps) mounts[key] = (await app(request)).body as Built
        return { body: { made: 'composite', globalConf, localConf, mounts } }
      })
    },
  },
]

/** Writes files into a directory of their own, which goes when the test ends. */
export function writeFiles(files: Readonly<Record<string, string>>): string {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), 'paste-')))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  for (const [name, text] of Object.entries(files)) {
    const file = join(directory, name)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
  }
  return directory
}

/** A loader of `api-paste.ini`, with whatever other files it needs. */
export function loaderOf(ini: string, others: Readonly<Record<string, string>> = {}): Loader {
  return new Loader({ configPath: join(writeFiles({ 'api-paste.ini': ini, ...others }), 'api-paste.ini'), builtins })
}

/** What the app answers, without `here` and `__file__`, which are other ones each time. */
export async function builtBy(app: App): Promise<Built> {
  const { body } = await app({} as HttpRequest)
  return withoutPlaces(body) as Built
}

export async function build(ini: string, others: Readonly<Record<string, string>> = {}, globalConf: Conf = {}): Promise<Built> {
  return builtBy(await loaderOf(ini, others).loadApp('main', globalConf))
}

/** Everything that is wrong, a line each: the text of the error without the directory. */
export async function problemsOf(loader: Loader, work: Promise<unknown>): Promise<string[]> {
  const error = await work.then(
    () => new Error('nothing was thrown'),
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof ConfigError)) throw new TypeError('not a ConfigError', { cause: error })
  return error.problems.map((problem) => describeProblem(problem).replaceAll(`${dirname(loader.configPath)}/`, ''))
}

/** The problem that the promise is rejected with. */
export async function problemOf(work: Promise<unknown>): Promise<ConfigProblem> {
  const error = await work.then(
    () => 'nothing was thrown',
    (thrown: unknown) => thrown,
  )
  if (error instanceof ConfigError) return error.problem
  throw new TypeError('not a ConfigError', { cause: error })
}

function withoutPlaces(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  const kept = Object.entries(value).filter(([key]) => key !== 'here' && key !== '__file__')
  return Object.fromEntries(kept.map(([key, inner]) => [key, withoutPlaces(inner)]))
}
