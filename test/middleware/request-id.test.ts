import { expect, test } from 'vitest'
import type { App, HttpReply } from '../../src/app.ts'
import { requestId } from '../../src/middleware/request-id.ts'
import { makeRequest } from '../support/make-request.ts'

const OWN = 'req-11111111-2222-4333-8444-555555555555'
const INBOUND = 'req-99999999-2222-4333-8444-555555555555'

async function wrap(next: App, localConf: Record<string, string> = {}): Promise<App> {
  return (await requestId({}, localConf))(next)
}

test('a reply carries the request id', async () => {
  const app = await wrap(() => ({ status: 201 }))
  expect(app(makeRequest({ id: OWN }))).toEqual({ status: 201, headers: { 'x-openstack-request-id': OWN } })
})

test('header may name several fields', async () => {
  const app = await wrap(() => ({ headers: { a: 'b' } }), { header: 'X-OpenStack-Request-ID, X-Compute-Request-ID' })
  const reply = app(makeRequest({ id: OWN })) as HttpReply
  expect(reply.headers).toEqual({ a: 'b', 'x-openstack-request-id': OWN, 'x-compute-request-id': OWN })
})

test('an inbound id is not trusted by default', async () => {
  const request = makeRequest({ id: OWN, headers: { 'x-openstack-request-id': INBOUND } })
  await (await wrap(() => ({})))(request)
  expect(request.id).toBe(OWN)
})

test.each([
  [INBOUND, INBOUND],
  [INBOUND.toUpperCase().replace('REQ', 'req'), INBOUND.toUpperCase().replace('REQ', 'req')],
  ['req-1', OWN],
  [`${INBOUND}\u00e9`, OWN],
  ['99999999-2222-4333-8444-555555555555', OWN],
  ['', OWN],
])('trust_inbound: %j makes the id %j', async (inbound, id) => {
  const request = makeRequest({ id: OWN, headers: { 'x-openstack-request-id': inbound } })
  await (await wrap(() => ({}), { trust_inbound: 'true' }))(request)
  expect(request.id).toBe(id)
})

test('the app sees the trusted id', async () => {
  const app = await wrap(({ id }) => ({ body: id }), { trust_inbound: 'yes', header: 'x-id' })
  expect(app(makeRequest({ headers: { 'x-id': INBOUND } }))).toMatchObject({ body: INBOUND })
  expect(app(makeRequest({ id: OWN }))).toMatchObject({ body: OWN })
})

test('an empty list of fields sends and trusts none', async () => {
  const app = await wrap(() => ({}), { header: '', trust_inbound: 'true' })
  expect(app(makeRequest())).toEqual({ headers: {} })
})

test('the reply of an app that answers later carries it too', async () => {
  const app = await wrap(() => Promise.resolve({}))
  expect(await app(makeRequest({ id: OWN }))).toEqual({ headers: { 'x-openstack-request-id': OWN } })
})
