import { describe, expect } from 'vitest'
import { RawClient } from '../support/raw-client.ts'
import { test, type SitePlan } from '../support/site.ts'

/** A site is not inside the package, and so does not find it by its name. */
const PACKAGE = new URL('../../dist/index.js', import.meta.url).href

const PASTE = `
[composite:compute]
use = egg:Paste#urlmap
/v2: v2
[pipeline:v2]
pipeline = request_id slow faultwrap app
[filter:request_id]
use = egg:millrace#request_id
[filter:slow]
paste.filter_factory = ./app.mjs:slow
[filter:faultwrap]
use = egg:millrace#faultwrap
[app:app]
paste.app_factory = ./app.mjs:factory
`

/** `/fails` throws what faultwrap answers. The filter takes a turn of the event loop. */
const APP = `
import { HttpError } from '${PACKAGE}'
export const slow = () => (next) => async (request) => {
  await new Promise((resolve) => setImmediate(resolve))
  return next(request)
}
export const factory = () => (request) => {
  if (request.pathInfo === '/fails') throw new HttpError(409, 'no')
  return { body: 'ok' }
}
`

const SUBSCRIBES = `
import { subscribe } from '${PACKAGE}'
subscribe('request.timing', ({ api, parts }) => process.stdout.write('timed ' + JSON.stringify({ api, names: parts.map(({ name }) => name), parts }) + '\\n'))
`

function plan(wsgi: Readonly<Record<string, boolean>>, app: string): SitePlan {
  const conf = { DEFAULT: { enabled_apis: 'compute', compute_listen: '127.0.0.1', compute_workers: 1 }, wsgi }
  return { conf, paste: PASTE, files: { 'app.mjs': app } }
}

describe.concurrent('the time that each filter and app takes', () => {
  test('is told by Server-Timing under debug, under the names of their sections', async ({ makeSite }) => {
    const server = await makeSite(plan({ debug: true }, APP)).serve()
    const client = await RawClient.connect(server.port('compute'))
    const names = 'compute;dur=N, request_id;dur=N, slow;dur=N, faultwrap;dur=N, app;dur=N'
    for (const [path, status] of [['/v2/', 200], ['/v2/fails', 409]] as const) {
      const answer = await client.ask('GET', path)
      expect(answer.status).toBe(status)
      expect(answer.headers['server-timing']?.replaceAll(/\d+(\.\d{1,3})?(?=,|$)/g, 'N')).toBe(names)
    }
    const notFound = await client.ask('GET', '/nowhere')
    expect(notFound).toMatchObject({ status: 404, headers: { 'server-timing': expect.stringMatching(/^compute;dur=[\d.]+$/) } })
  })

  test('is not measured when nobody asked for it', async ({ makeSite }) => {
    const server = await makeSite(plan({}, APP)).serve()
    const client = await RawClient.connect(server.port('compute'))
    expect((await client.ask('GET', '/v2/')).headers).not.toHaveProperty('server-timing')
  })

  test('is an event for a subscriber in an app\'s module', async ({ makeSite }) => {
    const server = await makeSite(plan({}, APP + SUBSCRIBES)).serve()
    const client = await RawClient.connect(server.port('compute'))
    const answer = await client.ask('GET', '/v2/')
    expect(answer.headers).not.toHaveProperty('server-timing')
    const { api, names, parts } = JSON.parse((await server.text(/^timed /)).slice('timed '.length)) as { api: string; names: string[]; parts: { seconds: number }[] }
    expect({ api, names }).toEqual({ api: 'compute', names: ['compute', 'request_id', 'slow', 'faultwrap', 'app'] })
    expect(parts.filter(({ seconds }) => !(seconds >= 0))).toEqual([])
  })
})
