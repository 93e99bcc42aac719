import { expect, test } from 'vitest'
import type { HttpReply } from '../../src/app.ts'
import { get, listen, readReplies, serve } from '../support/server-harness.ts'

test.each<[what: string, reply: () => unknown, message: RegExp]>([
  ['a Map', () => new Map([['status', 404]]), /\[object Map\], which is not a reply/],
  ['a list', () => ['hello'], /\[object Array\], which is not a reply/],
  ['an object that was meant as the body', () => ({ text: 'hello' }), /\[object Object\], which is not a reply/],
])('an app that returns %s, with none of a reply\'s fields, is a 500 and not an empty 200', async (_what, reply, message) => {
  const failed = listen('request.failed')
  const client = await serve(() => reply() as HttpReply).send(get('/'))
  expect(readReplies(client.received)).toMatchObject([{ status: 500 }])
  expect(failed[0]?.error).toMatchObject({ message: expect.stringMatching(message) as string })
})

test.each<[what: string, headers: () => object]>([
  ['a Headers', () => new Headers({ location: '/' })],
  ['a Map', () => new Map([['location', '/']])],
  ['a list', () => [['location', '/']]],
])('an app that gives its fields as %s is a 500: they would be lost without a word', async (_what, headers) => {
  const failed = listen('request.failed')
  const client = await serve(() => ({ status: 302, headers: headers() as Record<string, string> })).send(get('/'))
  expect(readReplies(client.received)).toMatchObject([{ status: 500 }])
  expect(failed[0]?.error).toMatchObject({ name: 'TypeError' })
})
