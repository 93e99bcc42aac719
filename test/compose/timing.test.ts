import { describe, expect, test } from 'vitest'
import type { App, Filter, HttpReply, HttpRequest } from '../../src/app.ts'
import { lintApp } from '../../src/compose/lint.ts'
import { Timing } from '../../src/compose/timing.ts'
import { URLMap } from '../../src/compose/urlmap.ts'
import { HttpError } from '../../src/errors.ts'
import { type Events, subscribe } from '../../src/events.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { makeRequest } from '../support/make-request.ts'

/** Composes by hand what a loader composes; every part works for as many milliseconds as it is told. */
class Composition {
  readonly clock = new FakeClock()
  readonly timing: Timing

  constructor(header = true) {
    this.timing = new Timing({ api: 'compute', header, clock: this.clock })
  }

  app(name: string, app: App, inner: readonly App[] = []): App {
    return this.timing.composed({ name, file: 'api-paste.ini', line: 1 }, app, inner)
  }

  filter(name: string, filter: Filter): Filter {
    return (next) => this.app(name, filter(next), [next])
  }

  works(milliseconds: number, reply: () => HttpReply = () => ({})): App {
    return () => {
      this.clock.advance(milliseconds)
      return reply()
    }
  }

  around(before: number, after: number): Filter {
    return (next) => async (request) => {
      this.clock.advance(before)
      const reply = await next(request)
      this.clock.advance(after)
      return reply
    }
  }
}

async function fieldOf(app: App, request: HttpRequest = makeRequest()): Promise<unknown> {
  return (await app(request)).headers?.['server-timing']
}

describe('the time of each part', () => {
  test('is its own, without what is inside it, outermost first', async () => {
    const made = new Composition()
    const app = made.filter('outer', made.around(1, 2))(made.filter('inner', made.around(4, 8))(made.app('app', made.works(16))))
    expect(await fieldOf(made.timing.loaded(app))).toBe('outer;dur=3, inner;dur=12, app;dur=16')
  })

  test('is measured of parts that answer at once, and leaves them so', () => {
    const made = new Composition()
    const filter: Filter = (next) => (request) => {
      made.clock.advance(5)
      return next(request)
    }
    const app = made.timing.loaded(made.filter('outer', filter)(made.app('app', made.works(2))))
    expect(app(makeRequest())).toEqual({ headers: { 'server-timing': 'outer;dur=5, app;dur=2' } })
  })

  test('is that of the mount that was asked', async () => {
    const made = new Composition()
    const map = new URLMap()
    const apps = [made.app('one', made.works(1)), made.app('two', made.works(2))]
    for (const [index, app] of apps.entries()) map.add(`/${index}`, app)
    const app = made.timing.loaded(made.app('map', map.app, apps))
    expect(await fieldOf(app, makeRequest({ rawPathInfo: '/1' }))).toBe('map;dur=0, two;dur=2')
    expect(await fieldOf(app, makeRequest({ rawPathInfo: '/0' }))).toBe('map;dur=0, one;dur=1')
  })

  test('of what a composite wraps in a filter is counted once', async () => {
    const made = new Composition()
    const app = made.app('app', made.works(4))
    const wrapped = made.filter('filter', made.around(2, 0))(app)
    const composite = made.app('composite', made.around(1, 0)(wrapped), [app, wrapped])
    expect(await fieldOf(made.timing.loaded(composite))).toBe('composite;dur=1, filter;dur=2, app;dur=4')
  })

  test('of an app that is called twice is that of both calls, and never less than none for the filter', async () => {
    const made = new Composition()
    const slow: App = async () => {
      made.clock.advance(3)
      await Promise.resolve()
      return {}
    }
    expect(await fieldOf(made.timing.loaded(made.filter('twice', twice)(made.app('app', slow))))).toMatch(/^twice;dur=0, app;dur=[69]$/)
  })

  test('is not measured for a request with another environ', async () => {
    const made = new Composition()
    expect(await fieldOf(made.timing.loaded(made.filter('outer', (next) => () => next(makeRequest()))(made.app('app', made.works(1)))))).toBe('outer;dur=1')
  })
})

describe('Server-Timing', () => {
  test('has fractions of a millisecond, and names that are tokens', async () => {
    const made = new Composition()
    expect(await fieldOf(made.timing.loaded(made.app('egg:Test#app "x"', made.works(0.12345))))).toBe('egg_Test#app__x_;dur=0.123')
  })

  test.each([['db;dur=3'], [['db;dur=3', 'cache;dur=1']]])('follows what the app says itself: %j', async (own) => {
    const made = new Composition()
    const app = made.app('app', made.works(1, () => ({ headers: { 'server-timing': own, etag: '"x"' } })))
    const { headers } = await made.timing.loaded(app)(makeRequest())
    expect(headers).toEqual({ 'server-timing': `${[own].flat().join(', ')}, app;dur=1`, etag: '"x"' })
  })

  test.each([['at once', (error: unknown): never => fail(error)], ['later', async (error: unknown) => fail(error)]])('is told of an HttpError %s', async (_when, raise) => {
    const made = new Composition()
    const error = new HttpError(409, 'no', { headers: { allow: 'GET' } })
    const app = made.timing.loaded(made.filter('outer', made.around(1, 0))(made.app('app', () => raise(error))))
    for (let time = 0; time < 2; time++) {
      await expect(Promise.resolve().then(() => app(makeRequest()))).rejects.toBe(error)
      expect(error.headers).toEqual({ allow: 'GET', 'server-timing': 'outer;dur=1, app;dur=0' })
    }
  })

  test('leaves any other error, and what is no reply, as it is', async () => {
    const made = new Composition()
    const error = new TypeError('boom')
    await expect(Promise.resolve().then(() => made.timing.loaded(made.app('app', () => fail(error)))(makeRequest()))).rejects.toBe(error)
    for (const odd of [undefined, null, 'text']) {
      expect(made.timing.loaded(made.app('app', () => odd as never))(makeRequest())).toBe(odd)
    }
  })

  test('keeps the contract of apps', async () => {
    const made = new Composition()
    const request = makeRequest()
    const app = lintApp(made.timing.loaded(made.app('app', lintApp(() => ({ body: 'x' })))))
    expect(await app(request)).toEqual({ body: 'x', headers: { 'server-timing': 'app;dur=0' } })
    expect(request.environ).toEqual({})
  })
})

describe('request.timing', () => {
  test('is published for who had subscribed when the app was composed', async () => {
    const told: Events['request.timing'][] = []
    const stop = subscribe('request.timing', (event) => told.push(event))
    const made = new Composition(false)
    const app = made.timing.loaded(made.filter('outer', made.around(1, 0))(made.app('app', made.works(500))))
    const request = makeRequest()
    expect(await app(request)).toEqual({})
    stop()
    await app(makeRequest())
    expect(told).toEqual([{ api: 'compute', id: request.id, parts: [{ name: 'outer', seconds: 0.001 }, { name: 'app', seconds: 0.5 }] }])
  })

  test('costs nothing when nobody had, nor asked for Server-Timing: the app is the very same', () => {
    const { timing } = new Composition(false)
    expect(timing.loaded(timing.composed({ name: 'app', file: '', line: 1 }, nothing, []))).toBe(nothing)
  })

  test('leaves out what was composed before', async () => {
    const told: Events['request.timing'][] = []
    const made = new Composition(false)
    const before = made.app('before', made.works(1))
    const stop = subscribe('request.timing', (event) => told.push(event))
    await made.timing.loaded(made.filter('after', made.around(2, 0))(before))(makeRequest())
    stop()
    expect(told).toMatchObject([{ parts: [{ name: 'after', seconds: 0.003 }] }])
  })
})

const twice: Filter = (next) => async (request) => {
  const [reply] = await Promise.all([next(request), next(request)])
  return reply
}

const nothing: App = () => ({})

function fail(error: unknown): never {
  throw error
}
