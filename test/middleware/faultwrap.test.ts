import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { App } from '../../src/app.ts'
import { lintApp } from '../../src/compose/lint.ts'
import { HttpError, TransportError } from '../../src/errors.ts'
import { subscribe, type Events } from '../../src/events.ts'
import { faultwrap } from '../../src/middleware/faultwrap.ts'
import { makeRequest } from '../support/make-request.ts'

const UNEXPECTED = 'The server has either erred or is incapable of performing the requested operation.'

let failures: Events['request.failed'][] = []
let unsubscribe = (): void => {}

beforeEach(() => {
  failures = []
  unsubscribe = subscribe('request.failed', (failure) => void failures.push(failure))
})

afterEach(() => unsubscribe())

async function wrap(next: App): Promise<App> {
  return lintApp((await faultwrap({}, {}))(lintApp(next)))
}

const throwing = (error: unknown): App => () => {
  throw error
}
const rejecting = (error: Error): App => () => Promise.reject(error)

test('a reply passes through as it is, and no promise is made for it', async () => {
  const reply = { status: 200 }
  expect((await wrap(() => reply))(makeRequest())).toBe(reply)
  expect(await (await wrap(() => Promise.resolve(reply)))(makeRequest())).toBe(reply)
})

test.each([
  [400, 'badRequest'],
  [401, 'unauthorized'],
  [403, 'forbidden'],
  [404, 'itemNotFound'],
  [405, 'badMethod'],
  [409, 'conflictingRequest'],
  [413, 'overLimit'],
  [415, 'badMediaType'],
  [418, 'computeFault'],
  [429, 'overLimit'],
])('HttpError %i is a %s with its message', async (status, name) => {
  const reply = (await wrap(throwing(new HttpError(status, 'Why it is so.'))))(makeRequest())
  expect(reply).toEqual({ status, headers: {}, body: { [name]: { code: status, message: 'Why it is so.' } } })
  expect(failures).toEqual([])
})

test('a rejection is answered as a throw is', async () => {
  const reply = await (await wrap(rejecting(new HttpError(404, 'No server 7.'))))(makeRequest())
  expect(reply).toEqual({ status: 404, headers: {}, body: { itemNotFound: { code: 404, message: 'No server 7.' } } })
})

test('an HttpError keeps its headers, and the fault names Retry-After as in nova', async () => {
  const error = new HttpError(429, 'Slow down.', { headers: { 'retry-after': '7', allow: 'GET' } })
  expect((await wrap(throwing(error)))(makeRequest())).toEqual({
    status: 429,
    headers: { 'retry-after': '7', allow: 'GET' },
    body: { overLimit: { code: 429, message: 'Slow down.', retryAfter: '7' } },
  })
})

describe('what the client is not told', () => {
  test.each([
    [new HttpError(503, 'db1 is down'), 503, 'serviceUnavailable', 'Service Unavailable'],
    [new HttpError(501, 'not yet'), 501, 'notImplemented', 'Not Implemented'],
    [new HttpError(404, 'secret', { expose: false }), 404, 'itemNotFound', 'Not Found'],
    [new HttpError(599, 'odd'), 599, 'computeFault', 'Error'],
    [new Error('secret'), 500, 'computeFault', UNEXPECTED],
    [new HttpError(200, 'no error'), 500, 'computeFault', UNEXPECTED],
    ['a string', 500, 'computeFault', UNEXPECTED],
  ])('%s is a %i whose cause is published', async (error, status, name, message) => {
    const request = makeRequest({ method: 'POST', target: '/servers?x=1' })
    expect((await wrap(throwing(error)))(request)).toEqual({ status, headers: {}, body: { [name]: { code: status, message } } })
    expect(failures).toEqual([{ api: 'compute', id: request.id, method: 'POST', target: '/servers?x=1', status, error }])
  })

  test('an exposed server error is not published: the client has the message', async () => {
    const error = new HttpError(503, 'Down for maintenance.', { expose: true })
    const message = 'Down for maintenance.'
    expect((await wrap(throwing(error)))(makeRequest())).toMatchObject({ body: { serviceUnavailable: { message } } })
    expect(failures).toEqual([])
  })
})

test('a TransportError is not answered', async () => {
  const gone = new TransportError('gone')
  expect(() => void throwing(gone)(makeRequest())).toThrow(gone)
  const [thrown, rejected] = [await wrap(throwing(gone)), await wrap(rejecting(gone))]
  expect(() => thrown(makeRequest())).toThrow(gone)
  await expect(rejected(makeRequest())).rejects.toBe(gone)
  expect(failures).toEqual([])
})

test('it has no options', () => {
  expect(() => faultwrap({}, { verbose: 'true' })).toThrow('verbose: there is no such option')
})

test('more members of the problem are in the fault when the message is', async () => {
  const problem = { errors: [{ pointer: '#/a' }], code: 1 }
  expect((await (await wrap(throwing(new HttpError(400, 'no', { problem }))))(makeRequest())).body).toEqual({
    badRequest: { code: 400, message: 'no', errors: [{ pointer: '#/a' }] },
  })
  expect((await (await wrap(throwing(new HttpError(503, 'no', { problem }))))(makeRequest())).body).toEqual({
    serviceUnavailable: { code: 503, message: 'Service Unavailable' },
  })
})
