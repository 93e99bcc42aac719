import { expect, onTestFinished, test } from 'vitest'
import type { App } from '../../src/app.ts'
import { lintApp } from '../../src/compose/lint.ts'
import { HttpError, TransportError } from '../../src/errors.ts'
import { subscribe, type Events } from '../../src/events.ts'
import { catchErrors } from '../../src/middleware/catch-errors.ts'
import { requestId } from '../../src/middleware/request-id.ts'
import { makeRequest } from '../support/make-request.ts'

async function wrap(next: App): Promise<App> {
  return lintApp((await catchErrors({}, {}))(lintApp(next)))
}

function failures(): Events['request.failed'][] {
  const seen: Events['request.failed'][] = []
  onTestFinished(subscribe('request.failed', (failure) => void seen.push(failure)))
  return seen
}

const throwing = (error: unknown): App => () => {
  throw error
}

test('a reply passes through as it is, and no promise is made for it', async () => {
  const reply = { status: 200 }
  expect((await wrap(() => reply))(makeRequest())).toBe(reply)
})

test.each<[string, (error: Error) => App]>([
  ['thrown', throwing],
  ['rejected with', (error) => () => Promise.reject(error)],
])('what is %s and nobody meant is a plain 500 that tells nothing, and is published', async (_, app) => {
  const [seen, error, request] = [failures(), new Error('secret'), makeRequest({ method: 'POST', target: '/servers' })]
  expect(await (await wrap(app(error)))(request)).toEqual({ status: 500, headers: {}, body: 'Internal Server Error\n' })
  expect(seen).toEqual([{ api: 'compute', id: request.id, method: 'POST', target: '/servers', status: 500, error }])
})

test('an HttpError is answered as the server would, with its headers', async () => {
  const seen = failures()
  const app = await wrap(throwing(new HttpError(429, 'Slow down.', { headers: { 'retry-after': '7' } })))
  expect(app(makeRequest())).toEqual({ status: 429, headers: { 'retry-after': '7' }, body: 'Slow down.\n' })
  expect(app(makeRequest({ headers: { accept: 'application/json' } }))).toMatchObject({
    status: 429, headers: { 'retry-after': '7', 'content-type': 'application/problem+json' }, body: { status: 429, detail: 'Slow down.' },
  })
  expect(seen).toEqual([])
})

test('a server error that hides its message is published with it', async () => {
  const [seen, error] = [failures(), new HttpError(503, 'db1 is down')]
  expect((await wrap(throwing(error)))(makeRequest())).toMatchObject({ status: 503, body: 'Service Unavailable\n' })
  expect(seen).toMatchObject([{ status: 503, error }])
})

test('filters outside it can add their fields to an error', async () => {
  const app = (await requestId({}, {}))(await wrap(throwing(new HttpError(404, 'no'))))
  const request = makeRequest()
  expect(app(request)).toMatchObject({ status: 404, headers: { 'x-openstack-request-id': request.id } })
})

test('a TransportError is not answered', async () => {
  const gone = new TransportError('gone')
  const app = await wrap(throwing(gone))
  expect(() => app(makeRequest())).toThrow(gone)
  await expect((await wrap(() => Promise.reject(gone)))(makeRequest())).rejects.toBe(gone)
})

test('it has no options', () => {
  expect(() => catchErrors({}, { debug: 'true' })).toThrow('debug: there is no such option')
})
