import { expect, test, vi } from 'vitest'
import type { App } from '../../src/app.ts'
import { sizelimit } from '../../src/middleware/sizelimit.ts'
import { makeRequest } from '../support/make-request.ts'

async function wrap(next: App, localConf: Record<string, string> = {}): Promise<App> {
  return (await sizelimit({}, localConf))(next)
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
