import { Readable } from 'node:stream'
import { expect, onTestFinished, test } from 'vitest'
import type { App, HttpReply } from '../../src/app.ts'
import { lintApp } from '../../src/compose/lint.ts'
import { subscribe, type Events } from '../../src/events.ts'
import { debug } from '../../src/middleware/debug.ts'
import { makeRequest } from '../support/make-request.ts'

function listen(): Events['request.shown'][] {
  const seen: Events['request.shown'][] = []
  onTestFinished(subscribe('request.shown', (event) => void seen.push(event)))
  return seen
}

async function wrap(next: App, localConf: Record<string, string> = {}): Promise<App> {
  return lintApp((await debug({}, localConf))(lintApp(next)))
}

test('it publishes the fields of the request, as they came, and of the reply', async () => {
  const seen = listen()
  const app = await wrap((request) => {
    request.headers.set('accept', 'changed')
    return { status: 201, headers: { vary: ['Accept', 'Origin'], age: 7 }, body: 'not shown' }
  })
  const request = makeRequest({ target: '/servers', headers: { accept: '*/*' } })
  expect(app(request)).toEqual({ status: 201, headers: { vary: ['Accept', 'Origin'], age: 7 }, body: 'not shown' })
  expect(seen).toEqual([
    {
      api: 'compute', id: request.id, client: '192.0.2.7', method: 'GET', target: '/servers', fields: { accept: '*/*' },
      status: 201, replyFields: { vary: ['Accept', 'Origin'], age: '7' }, body: null,
    },
  ])
})

test.each([
  'authorization', 'proxy-authorization', 'cookie', 'x-auth-token', 'x-subject-token', 'x-service-token', 'x-api-key', 'x_api_key', 'apikey', 'key', 'x-passwd', 'x-password', 'x-client-secret', 'x-hub-signature-256',
])(
  '%s is masked', async (name) => {
    const seen = listen()
    await (await wrap(() => ({ headers: { [name]: 'hidden' } })))(makeRequest({ headers: { [name]: 'hidden' } }))
    expect(seen).toMatchObject([{ fields: { [name]: '***' }, replyFields: { [name]: '***' } }])
    expect(JSON.stringify(seen)).not.toContain('hidden')
  },
)

test('every set-cookie is masked', async () => {
  const seen = listen()
  await (await wrap(() => ({ headers: { 'set-cookie': ['a=hidden', 'b=hidden'] } })))(makeRequest())
  expect(seen).toMatchObject([{ status: 200, replyFields: { 'set-cookie': '***' } }])
})

test.each<[unknown, string | null]>([
  ['text', 'text'],
  ['x'.repeat(5000), 'x'.repeat(4096)],
  [Buffer.from('bytes'), 'bytes'],
  [Buffer.alloc(5000, 'y'), 'y'.repeat(4096)],
  [{ a: 1 }, '{"a":1}'],
  [{ toJSON: () => undefined }, null],
  [null, null],
  [undefined, null],
  [new ReadableStream(), null],
  [Readable.from(['a']), null],
])('body: of the body %# the beginning is shown', async (body, shown) => {
  const seen = listen()
  await (await debug({}, { body: 'true' }))(() => ({ body }) as HttpReply)(makeRequest())
  expect(seen).toMatchObject([{ body: shown, replyFields: {} }])
})

test('what is thrown is shown, and thrown on', async () => {
  const [seen, error] = [listen(), new Error('no')]
  const app = await wrap(() => Promise.reject(error), { body: 'true' })
  await expect(app(makeRequest())).rejects.toBe(error)
  expect(seen).toMatchObject([{ status: null, replyFields: null, body: null, error }])
})

test('nothing is made when nobody listens', async () => {
  const reply = {}
  expect((await wrap(() => reply))(makeRequest())).toBe(reply)
})

test('body = maybe is refused', () => {
  expect(() => debug({}, { body: 'maybe' })).toThrow('body: is not a boolean')
})
