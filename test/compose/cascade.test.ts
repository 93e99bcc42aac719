import { Readable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import type { App, Conf, HttpReply, HttpRequest } from '../../src/app.ts'
import { cascadeFactory } from '../../src/compose/cascade.ts'
import { lintApp } from '../../src/compose/lint.ts'
import { ConfigError, HttpError } from '../../src/errors.ts'
import { isBehindProxy, setClient } from '../../src/middleware/peer.ts'
import { makeRequest } from '../support/make-request.ts'
import { partialLoader } from '../support/partial-loader.ts'

/** What each app named in a section is. */
type Apps = Readonly<Record<string, App>>

const asked: string[] = []
const tell = (name: string, answer: App): App => (request) => {
  asked.push(name)
  return answer(request)
}

const APPS: Apps = {
  missing: () => ({ status: 404, body: 'not here' }),
  later: () => Promise.resolve({ status: 404 }),
  throwing: () => {
    throw new HttpError(404, 'not here')
  },
  rejecting: () => Promise.reject(new HttpError(404, 'not here')),
  broken: () => {
    throw new TypeError('broken')
  },
  forbidden: () => ({ status: 403 }),
  found: () => ({ body: 'found' }),
}

async function cascade(conf: Conf, apps: Apps = APPS): Promise<App> {
  const getApp = (name: string): Promise<App> => Promise.resolve(lintApp(tell(name, apps[name] ?? APPS['broken']!)))
  asked.length = 0
  return lintApp(await cascadeFactory(partialLoader({ getApp }), {}, conf))
}

describe('the next app is asked', () => {
  test.each([['missing'], ['later'], ['throwing'], ['rejecting']])('when one answers 404: %s', async (name) => {
    const app = await cascade({ app1: name, app2: 'found' })
    expect(await app(makeRequest())).toEqual({ body: 'found' })
    expect(asked).toEqual([name, 'found'])
  })

  test('in the order of the letters of their keys, as in Paste', async () => {
    const app = await cascade({ app2: 'found', app10: 'later', app: 'missing' })
    await app(makeRequest())
    expect(asked).toEqual(['missing', 'later', 'found'])
  })

  test('for each status that is named', async () => {
    const app = await cascade({ catch: '403 404', app1: 'forbidden', app2: 'throwing', app3: 'found' })
    expect(await app(makeRequest())).toEqual({ body: 'found' })
  })

  test('without a promise when the one before answered at once', async () => {
    const app = await cascade({ app1: 'throwing', app2: 'missing', app3: 'found' })
    expect(app(makeRequest())).toEqual({ body: 'found' })
  })
})

describe('an answer is the answer', () => {
  test('of the first app that knows it', async () => {
    const app = await cascade({ app1: 'found', app2: 'missing' })
    await app(makeRequest())
    expect(asked).toEqual(['found'])
  })

  test.each([
    ['missing', { status: 404, body: 'not here' }],
    ['later', { status: 404 }],
  ])('of the last app, whatever it is: %s', async (name, reply) => {
    expect(await (await cascade({ app1: 'missing', app2: name }))(makeRequest())).toEqual(reply)
  })

  test('that is thrown too', async () => {
    const app = await cascade({ app1: 'missing', app2: 'rejecting' })
    await expect(app(makeRequest())).rejects.toThrow('not here')
  })

  test('when its status is not caught', async () => {
    expect(await (await cascade({ app1: 'forbidden', app2: 'found' }))(makeRequest())).toEqual({ status: 403 })
    const app = await cascade({ app1: 'broken', app2: 'found', catch: '500' })
    expect(() => app(makeRequest())).toThrow('broken')
  })

  test('when the app has read the body, which the next one could not', async () => {
    const app = await cascade({ app1: 'missing', app2: 'found' })
    expect(await app(makeRequest({ bodyUsed: true }))).toMatchObject({ status: 404 })
    const thrown = await cascade({ app1: 'throwing', app2: 'found' })
    expect(() => thrown(makeRequest({ bodyUsed: true }))).toThrow('not here')
  })
})

function spoil(request: HttpRequest): HttpReply {
  request.rawScriptName = '/v2'
  request.rawPathInfo = '/other'
  request.host = 'other.example'
  request.environ['kept'] = 'changed'
  request.environ['added'] = true
  return { status: 404 }
}

test('a client that an app has found behind its proxies is found again by the next', async () => {
  const app = await cascade({ app1: 'find', app2: 'show' }, {
    find: (request) => (setClient(request, { address: '203.0.113.1', port: 0 }), { status: 404 }),
    show: (request) => ({ body: [request.client.address, isBehindProxy(request)] }),
  })
  expect(await app(makeRequest())).toEqual({ body: ['192.0.2.7', false] })
})

test('what an app changed in the request is undone', async () => {
  const app = await cascade({ app1: 'spoil', app2: 'show' }, {
    spoil,
    show: (request) => ({ body: [request.rawScriptName, request.rawPathInfo, request.host, request.environ] }),
  })
  expect(await app(makeRequest({ rawPathInfo: '/x', environ: { kept: 'as it was' } }))).toEqual({ body: ['', '/x', 'api.example', { kept: 'as it was' }] })
})

test('the body of an answer that nobody gets is let go', async () => {
  const body = Readable.from(['never read'])
  const getApp = (name: string): Promise<App> => Promise.resolve((): HttpReply => (name === 'streaming' ? { status: 404, body } : { status: 204 }))
  const app = await cascadeFactory(partialLoader({ getApp }), {}, { app1: 'streaming', app2: 'last' })
  await app(makeRequest())
  expect(body.destroyed).toBe(true)
})

test.each<[Conf, string]>([
  [{}, 'app1: there are no apps (expected the name of an app)'],
  [{ application: 'found', ap1: 'found' }, "ap1: Bad configuration key 'ap1' (='found'); all configuration keys must start with 'app'"],
  [{ app1: 'found', catch: '404 4o5' }, 'catch: is no status that can be caught (got "4o5"; expected 300 to 599)'],
])('%j fails the start', async (conf, message) => {
  await expect(cascade(conf)).rejects.toThrow(message)
})

function failTo(name: string): Promise<App> {
  return Promise.reject(new ConfigError({ message: 'missing', value: name }))
}

test('all that is wrong is told at once', async () => {
  const work = Promise.resolve(cascadeFactory(partialLoader({ getApp: failTo }), {}, { app1: 'one', bad: 'two', catch: 'all' }))
  const error = await work.catch((thrown: unknown) => thrown)
  expect(error instanceof ConfigError && error.problems.map(({ option, value }) => value ?? option)).toEqual(['all', 'bad', 'one', 'two'])
})
