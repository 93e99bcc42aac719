import { expect, test } from 'vitest'
import { HttpError } from '../src/errors.ts'
import { faultReply, statusOf } from '../src/fault-reply.ts'
import { makeRequest } from './support/make-request.ts'

test.each<[what: string, error: unknown, status: number]>([
  ['an HttpError', new HttpError(404, 'no'), 404],
  ['an HttpError whose status is no error', new HttpError(200, 'no'), 500],
  ['an HttpError whose status is none', new HttpError(700, 'no'), 500],
  ['any other Error', new Error('no'), 500],
  ['what is no Error', 'no', 500],
])('%s is answered with its status', (_what, error, status) => {
  expect(statusOf(error)).toBe(status)
  expect(faultReply(error, null, false).status).toBe(status)
})

test('plain text, when the client accepts no JSON', () => {
  const reply = faultReply(new HttpError(404, 'no such server'), makeRequest(), false)
  expect(reply).toEqual({ status: 404, headers: {}, body: 'no such server\n' })
})

test.each([
  'application/json', 'application/problem+json', 'text/html, Application/JSON;q=0.5',
])('problem details for who accepts %s (RFC 9457)', (accept) => {
  const request = makeRequest({ headers: { accept } })
  expect(faultReply(new HttpError(429, 'slow down', { headers: { 'retry-after': '7' } }), request, false)).toEqual({
    status: 429,
    headers: { 'retry-after': '7', 'content-type': 'application/problem+json' },
    body: { type: 'about:blank', title: 'Too Many Requests', status: 429, detail: 'slow down', request_id: request.id },
  })
})

test.each(['text/html', '*/*', 'application/jsonlines'])('plain text for who accepts %s', (accept) => {
  expect(faultReply(new Error('no'), makeRequest({ headers: { accept } }), false).body).toBe('Internal Server Error\n')
})

test('the message of an error nobody meant is not for the client', () => {
  expect(faultReply(new Error('secret'), null, false).body).toBe('Internal Server Error\n')
  expect(faultReply(new HttpError(502, 'secret'), null, false).body).toBe('Bad Gateway\n')
  expect(faultReply(new HttpError(403, 'secret', { expose: false }), null, false).body).toBe('Forbidden\n')
})

test('debug shows the stack, or what else was thrown', () => {
  const error = new Error('secret')
  expect(faultReply(error, null, true).body).toBe(`${error.stack}\n`)
  expect(faultReply(Object.assign(new Error('bare'), { stack: undefined }), null, true).body).toBe('bare\n')
  expect(faultReply('a string', null, true).body).toBe('a string\n')
})

test('a status without a phrase of its own is an error all the same', () => {
  expect(faultReply(new HttpError(599, 'x', { expose: false }), null, false).body).toBe('Error\n')
})

test('the error\'s own fields are not changed by the reply', () => {
  const error = new HttpError(401, 'no', { headers: { 'www-authenticate': 'Keystone' } })
  faultReply(error, null, false).headers!['x'] = '1'
  expect(error.headers).toEqual({ 'www-authenticate': 'Keystone' })
})

test('more members of the problem are sent when the message is, and take no other\'s place (RFC 9457 §3.2)', () => {
  const request = makeRequest({ headers: { accept: 'application/json' } })
  const problem = { errors: [{ pointer: '#/a' }], status: 1 }
  expect(faultReply(new HttpError(400, 'no', { problem }), request, false).body).toMatchObject({ status: 400, errors: [{ pointer: '#/a' }] })
  expect(faultReply(new HttpError(500, 'no', { problem }), request, false).body).not.toHaveProperty('errors')
})
