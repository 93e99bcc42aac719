import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import type { HttpReply } from '../../src/app.ts'
import { after } from '../../src/middleware/after.ts'
import { makeRequest } from '../support/make-request.ts'

const teapot = (reply: HttpReply): HttpReply => Object.assign(reply, { status: 418 })

test('a reply made at once is changed at once', () => {
  expect(after({}, teapot, makeRequest())).toEqual({ status: 418 })
})

test('a reply made later is changed then', async () => {
  expect(await after(Promise.resolve({}), teapot, makeRequest())).toEqual({ status: 418 })
})

test("promises that are not the engine's own count as well", async () => {
  const foreign = runInNewContext('Promise.resolve({})') as Promise<HttpReply>
  expect(foreign).not.toBeInstanceOf(Promise)
  expect(await after(foreign, teapot, makeRequest())).toEqual({ status: 418 })
})

test.each([undefined, null, 'text'])('%j, which is no reply, is passed on for the server to report', async (answer) => {
  expect(after(answer as unknown as HttpReply, teapot, makeRequest())).toBe(answer)
  expect(await after(Promise.resolve(answer as unknown as HttpReply), teapot, makeRequest())).toBe(answer)
})
