import { expect, onTestFinished, test } from 'vitest'
import type { App, HttpReply, HttpRequest } from '../../src/app.ts'
import { lintApp } from '../../src/compose/lint.ts'
import { HttpError, TransportError } from '../../src/errors.ts'
import { subscribe, type Events } from '../../src/events.ts'
import { requestId } from '../../src/middleware/request-id.ts'
import { makeRequestLog, requestLog } from '../../src/middleware/request-log.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { makeRequest } from '../support/make-request.ts'

const clock = new FakeClock()

async function wrap(next: App): Promise<App> {
  return lintApp((await makeRequestLog(clock)({}, {}))(lintApp(next)))
}

function listen(): Events['request.logged'][] {
  const seen: Events['request.logged'][] = []
  onTestFinished(subscribe('request.logged', (event) => void seen.push(event)))
  return seen
}

const REQUEST = { method: 'POST', rawScriptName: '/v2.1', rawPathInfo: '/servers', queryString: 'limit=1' }

test("it publishes what nova's has, and who it was", async () => {
  const seen = listen()
  const app = await wrap(({ headers }) => {
    headers.set('x-user-id', 'u1')
    headers.set('x-project-id', 'p1')
    clock.advance(1500)
    return { status: 202, headers: { 'openstack-api-version': 'compute 2.90' }, body: 'hëllo' }
  })
  const request = makeRequest(REQUEST)
  expect(app(request)).toMatchObject({ status: 202, body: 'hëllo' })
  expect(seen).toEqual([
    {
      api: 'compute', id: request.id, globalId: null, client: '192.0.2.7', method: 'POST', uri: '/v2.1/servers?limit=1', status: 202,
      length: 6, microversion: '2.90', user: 'u1', project: 'p1', seconds: 1.5,
    },
  ])
})

test('a user and a project that came with the request are nobody\'s word', async () => {
  const seen = listen()
  await (await wrap(() => ({})))(makeRequest({ headers: { 'x-user-id': 'admin', 'x-project-id': 'admin' } }))
  expect(seen).toMatchObject([{ user: null, project: null }])
})

test('the global request id is told where request_id keeps one', async () => {
  const seen = listen()
  const inbound = 'req-99999999-2222-4333-8444-555555555555'
  const server: HttpRequest['server'] = { name: 'compute', address: '192.0.2.1', port: 8774, stopping: false, trusts: () => true }
  const app = (await requestId({}, {}))(await wrap(() => ({})))
  await app(makeRequest({ server, headers: { 'x-openstack-request-id': inbound } }))
  expect(seen).toMatchObject([{ globalId: inbound, uri: '/' }])
})

test.each<[HttpReply, object]>([
  [{}, { status: 200, length: 0, microversion: null }],
  [{ status: 204, body: null }, { status: 204, length: 0 }],
  [{ body: Buffer.from('abc') }, { length: 3 }],
  [{ body: { a: 1 } }, { length: null }],
  [{ headers: { 'content-length': '7' }, body: new Response('1234567').body }, { length: 7 }],
  [{ headers: { 'x-openstack-nova-api-version': '2.1' } }, { microversion: '2.1' }],
])('%j is told as %j', async (reply, event) => {
  const seen = listen()
  expect(await (await wrap(() => Promise.resolve(reply)))(makeRequest())).toBe(reply)
  expect(seen).toMatchObject([event])
})

test.each([
  [new HttpError(404, 'no'), 404],
  [new Error('no'), 500],
  [new TransportError('gone'), 500],
])('%s is told with the status %i, and thrown on', async (error, status) => {
  const seen = listen()
  const throwing = await wrap(() => {
    throw error
  })
  expect(() => throwing(makeRequest())).toThrow(error)
  await expect((await wrap(() => Promise.reject(error)))(makeRequest())).rejects.toBe(error)
  expect(seen).toMatchObject([{ status, length: null, microversion: null }, { status }])
})

test('what is no reply is not told: the server says so', async () => {
  const seen = listen()
  const app = (await requestLog({}, {}))(() => undefined as unknown as HttpReply)
  expect(app(makeRequest())).toBeUndefined()
  expect(seen).toEqual([])
})

test('nothing is looked at when nobody listens', async () => {
  const reply = {}
  const app = (await requestLog({}, {}))(() => reply)
  const request = { get headers(): never { throw new Error('looked at') } } as unknown as HttpRequest
  expect(app(request)).toBe(reply)
})

test('it has no options', () => {
  expect(() => requestLog({}, { format: 'x' })).toThrow('format: there is no such option')
})
