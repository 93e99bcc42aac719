import { expect, test } from 'vitest'
import type { App, FilterFactory, HttpReply, HttpRequest } from '../../src/app.ts'
import { lintApp } from '../../src/compose/lint.ts'
import { httpProxyToWsgi } from '../../src/middleware/http-proxy-to-wsgi.ts'
import { computeRequestId, requestId } from '../../src/middleware/request-id.ts'
import { makeRequest } from '../support/make-request.ts'

const OWN = 'req-11111111-2222-4333-8444-555555555555'
const INBOUND = 'req-99999999-2222-4333-8444-555555555555'
const PROXY = '10.0.0.1'
const SERVER: HttpRequest['server'] = { name: 'compute', address: '192.0.2.1', port: 8774, stopping: false, trusts: (address) => address === PROXY }

async function wrap(next: App, localConf: Record<string, string> = {}, factory: FilterFactory = requestId): Promise<App> {
  return lintApp((await factory({}, localConf))(lintApp(next)))
}

/** The request as an app sees it that came from a trusted proxy, unless told otherwise. */
async function see(headers: Record<string, string>, localConf: Record<string, string> = {}, peer = PROXY): Promise<HttpRequest> {
  const request = makeRequest({ id: OWN, headers, client: { address: peer, port: 1 }, server: SERVER })
  await (await wrap(() => ({}), localConf))(request)
  return request
}

const GLOBAL = { 'openstack.global_request_id': INBOUND }
const UPPER = INBOUND.toUpperCase().replace('REQ', 'req')

test('a reply carries the request id', async () => {
  const app = await wrap(() => ({ status: 201 }))
  expect(app(makeRequest({ id: OWN }))).toEqual({ status: 201, headers: { 'x-openstack-request-id': OWN } })
})

test('header may name several fields', async () => {
  const app = await wrap(() => ({ headers: { a: 'b' } }), { header: 'X-OpenStack-Request-ID, X-Compute-Request-ID' })
  const reply = app(makeRequest({ id: OWN })) as HttpReply
  expect(reply.headers).toEqual({ a: 'b', 'x-openstack-request-id': OWN, 'x-compute-request-id': OWN })
})

test('compat_headers carry it as well', async () => {
  const app = await wrap(() => ({}), { compat_headers: 'X-Volume-Request-ID' })
  expect(app(makeRequest({ id: OWN }))).toEqual({ headers: { 'x-openstack-request-id': OWN, 'x-volume-request-id': OWN } })
})

test("nova's has x-compute-request-id without being told", async () => {
  const both = await wrap(() => ({}), {}, computeRequestId)
  expect(both(makeRequest({ id: OWN }))).toEqual({ headers: { 'x-openstack-request-id': OWN, 'x-compute-request-id': OWN } })
  const one = await wrap(() => ({}), { compat_headers: '' }, computeRequestId)
  expect(one(makeRequest({ id: OWN }))).toEqual({ headers: { 'x-openstack-request-id': OWN } })
})

test('a field that the app has sent stays, as in oslo.middleware', async () => {
  const app = await wrap(() => ({ headers: { 'x-openstack-request-id': INBOUND } }))
  expect(app(makeRequest({ id: OWN }))).toEqual({ headers: { 'x-openstack-request-id': INBOUND } })
})

test.each([INBOUND, UPPER])("%j of a trusted peer is this request's id, and the global one", async (inbound) => {
  const request = await see({ 'x-openstack-request-id': inbound })
  expect(request.id).toBe(inbound)
  expect(request.environ).toEqual({ 'openstack.global_request_id': inbound })
})

test.each(['req-1', `${INBOUND}\u00e9`, '99999999-2222-4333-8444-555555555555', ''])('%j, which is no id, is not taken from anybody', async (inbound) => {
  const request = await see({ 'x-openstack-request-id': inbound })
  expect(request.id).toBe(OWN)
  expect(request.environ).toEqual({})
})

test.each([
  [PROXY, 'true', INBOUND, GLOBAL],
  [PROXY, 'global', OWN, GLOBAL],
  [PROXY, 'False', OWN, {}],
  ['203.0.113.7', 'true', OWN, {}],
  ['203.0.113.7', 'global', OWN, {}],
])('what %s sends with trust_inbound = %s makes the id %s', async (peer, trust, id, environ) => {
  const request = await see({ 'x-openstack-request-id': INBOUND }, { trust_inbound: trust }, peer)
  expect(request.id).toBe(id)
  expect(request.environ).toEqual(environ)
})

test('trust_inbound is one of three words', () => {
  expect(() => requestId({}, { trust_inbound: 'yes' })).toThrow('trust_inbound: is not known (got "yes"; expected true, global, false)')
})

test('behind http_proxy_to_wsgi it is still the peer that is trusted, not the client', async () => {
  const request = makeRequest({
    id: OWN, headers: { 'x-openstack-request-id': INBOUND, 'x-forwarded-for': '203.0.113.7' }, client: { address: PROXY, port: 1 }, server: SERVER,
  })
  const proxied = await httpProxyToWsgi({}, { enable_proxy_headers_parsing: 'true' })
  await lintApp(proxied(await wrap(() => ({}))))(request)
  expect(request.client.address).toBe('203.0.113.7')
  expect(request.environ).toMatchObject(GLOBAL)
})

test('the global id is read from the first field of header', async () => {
  expect((await see({ 'x-id': INBOUND }, { header: 'x-id' })).environ).toEqual(GLOBAL)
})

test('an empty list of fields sends and trusts none', async () => {
  const app = await wrap(() => ({}), { header: '' })
  expect(app(makeRequest())).toEqual({ headers: {} })
})

test('the reply of an app that answers later carries it too', async () => {
  const app = await wrap(() => Promise.resolve({}))
  expect(await app(makeRequest({ id: OWN }))).toEqual({ headers: { 'x-openstack-request-id': OWN } })
})
