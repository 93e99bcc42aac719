import { expect, test } from 'vitest'
import type { App } from '../../src/app.ts'
import type { CompositionObserver } from '../../src/compose/observer.ts'
import { Loader } from '../../src/paste/loader.ts'
import { builtins, builtBy, loaderOf } from './paste-files.ts'

const INI = `
[composite:main]
use = egg:Test#composite
/ = pipe
/bare = egg:Test#app
wrap = outer
[pipeline:pipe]
pipeline = twice log leaf
[filter:twice]
use = egg:Test#filter
filter-with = log
[filter:log]
use = egg:Test#filter_app
[app:leaf]
use = egg:Test#app
[filter:outer]
use = egg:Test#filter
`

/** Writes down what it is told; each app it was told of stands there as its section's name. */
class Witness implements CompositionObserver {
  readonly told: string[] = []
  readonly #names = new Map<App, string>()

  composed({ name, line }: { name: string; line: number | undefined }, app: App, inner: readonly App[]): App {
    const instead: App = (request) => app(request)
    this.#names.set(instead, name)
    this.told.push(`${name}:${line} <- ${inner.map((each) => this.#names.get(each) ?? 'the composite itself').join(' ')}`)
    return instead
  }

  loaded(app: App): App {
    this.told.push(`loaded ${this.#names.get(app)}`)
    return app
  }
}

test('an observer is told of each filter and app where it is composed, from the inside out, and what it returns is used', async () => {
  const observer = new Witness()
  const loader = new Loader({ configPath: loaderOf(INI).configPath, builtins, observer })
  const app = await loader.loadApp()
  expect(observer.told).toEqual([
    'leaf:14 <- ',
    'log:12 <- leaf',
    'twice:9 <- log',
    'log:12 <- twice',
    'egg:Test#app:5 <- ',
    'outer:16 <- the composite itself',
    'main:2 <- log egg:Test#app outer',
    'loaded main',
  ])
  expect(await builtBy(app)).toMatchObject({ made: 'filter' })
})
