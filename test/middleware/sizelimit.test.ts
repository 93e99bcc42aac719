import { describe, expect, test, vi } from 'vitest'
import type { App, HttpRequest } from '../../src/app.ts'
import { lintApp } from '../../src/compose/lint.ts'
import { sizelimit } from '../../src/middleware/sizelimit.ts'
import { makeRequest } from '../support/make-request.ts'
import { serve } from '../support/server-harness.ts'

async function wrap(next: App, localConf: Record<string, string> = {}): Promise<App> {
  return lintApp((await sizelimit({}, localConf))(lintApp(next)))
}

test.each([
  ['114688', {}, true],
  ['114689', {}, false],
  ['5', { max_request_body_size: '5' }, true],
  ['6', { max_request_body_size: '5' }, false],
  ['0', { max_request_body_size: '0' }, true],
])('Content-Length %s with %j passes: %j', async (length, localConf, passes) => {
  const next = vi.fn<App>(() => ({ status: 200 }))
  const app = await wrap(next, localConf)
  const call = (): unknown => app(makeRequest({ method: 'POST', headers: { 'content-length': length } }))
  if (passes) expect(call()).toEqual({ status: 200 })
  else expect(call).toThrow(expect.objectContaining({ status: 413 }))
  expect(next).toHaveBeenCalledTimes(passes ? 1 : 0)
})

test('without Content-Length the limit holds while the body is read', async () => {
  const limitBody = vi.fn()
  const app = await wrap(() => ({}), { max_request_body_size: '10' })
  expect(app(makeRequest({ method: 'POST', limitBody }))).toEqual({})
  expect(limitBody).toHaveBeenCalledExactlyOnceWith(10)
})

test.each([['-1'], ['1k']])('max_request_body_size = %s is refused', (value) => {
  expect(() => sizelimit({}, { max_request_body_size: value })).toThrow('max_request_body_size: ')
})

async function answer(read: (request: HttpRequest) => Promise<unknown>, chunks: string): Promise<string> {
  const app = await wrap(async (request) => ({ body: await read(request).then(() => 'read') }), { max_request_body_size: '9' })
  const head = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\n\r\n'
  return (await serve(app).send(head + chunks)).received
}

describe('a chunked body', () => {
  const readers: [string, (request: HttpRequest) => Promise<unknown>][] = [
    ['text()', (request) => request.text()],
    ['json()', (request) => request.json()],
    ['arrayBuffer()', (request) => request.arrayBuffer()],
    ['bytes()', (request) => request.bytes()],
    ['formData()', (request) => request.formData()],
    ['the stream', ({ body }) => new Response(body).text()],
  ]

  test.each(readers)('that fits is read through %s', async (_, read) => {
    expect(await answer(read, '5\r\n[1, 2\r\n4\r\n, 3]\r\n0\r\n\r\n')).toMatch(/^HTTP\/1.1 200 /)
  })

  test.each(readers)('that is too large is a 413 through %s, at the octet that is too much', async (_, read) => {
    expect(await answer(read, 'a\r\n[1, 2, 34]\r\n')).toMatch(/^HTTP\/1.1 413 /)
    expect(await answer(read, '5\r\n[1, 2\r\n5\r\n, 34]\r\n')).toMatch(/^HTTP\/1.1 413 /)
  })
})
