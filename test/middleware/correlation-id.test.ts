import { expect, test } from 'vitest'
import { lintApp } from '../../src/compose/lint.ts'
import { correlationId } from '../../src/middleware/correlation-id.ts'
import { makeRequest } from '../support/make-request.ts'

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

async function see(headers: Record<string, string>): Promise<string | null> {
  const request = makeRequest({ headers })
  const app = lintApp((await correlationId({}, {}))(lintApp(() => ({ status: 204 }))))
  expect(app(request)).toEqual({ status: 204 })
  return request.headers.get('x-correlation-id')
}

test('a request without an id gets one of its own', async () => {
  const [one, other] = [await see({}), await see({ 'x-correlation-id': '' })]
  expect(one).toMatch(UUID)
  expect(other).toMatch(UUID)
  expect(one).not.toBe(other)
})

test('an id the client has sent stays', async () => {
  expect(await see({ 'X-Correlation-ID': 'order 66' })).toBe('order 66')
})

test('it has no options', () => {
  expect(() => correlationId({}, { header: 'x' })).toThrow('header: there is no such option')
})
