import { gunzipSync } from 'node:zlib'
import { hashSync } from 'bcryptjs'
import { describe, expect } from 'vitest'
import { RawClient } from '../support/raw-client.ts'
import { test, type SitePlan } from '../support/site.ts'

const PASTE = `
[composite:guarded]
use = egg:Paste#urlmap
/ = open
/private = private
/limited = limited

[pipeline:open]
pipeline = secure_headers compress etag faultwrap timeout app

[pipeline:private]
pipeline = faultwrap basic_auth app

[pipeline:limited]
pipeline = rate_limit app

[filter:secure_headers]
use = egg:millrace#secure_headers
[filter:compress]
use = egg:millrace#compress
encodings = gzip
[filter:etag]
use = egg:millrace#etag
[filter:faultwrap]
use = egg:millrace#faultwrap
[filter:timeout]
use = egg:millrace#timeout
seconds = 100ms
status = 504
[filter:basic_auth]
use = egg:oslo.middleware#basic_auth
auth_file = users
[filter:rate_limit]
use = egg:millrace#rate_limit
limit = 2/day
`
const GUARDED = { enabled_apis: 'guarded', guarded_listen: '127.0.0.1', guarded_listen_port: 0, guarded_workers: 1 }
const plan = (users: string): SitePlan => ({ conf: { DEFAULT: GUARDED }, apis: { app: 'filtered.js' }, paste: PASTE, files: { users } })
const GZIP = { headers: { 'accept-encoding': 'gzip' } }
const decode = (body: string): string => gunzipSync(Buffer.from(body, 'latin1')).toString()

/** Lets a stream go on, as soon as one waits. */
async function open(client: RawClient): Promise<void> {
  while ((await client.ask('POST', '/open')).body !== 'true');
}

describe('filters on the wire', { concurrent: true }, () => {
  test('a compressed reply, its HEAD, and a 304 of it have the same fields', async ({ makeSite }) => {
    const server = await makeSite(plan('')).serve()
    const client = await RawClient.connect(server.port('guarded'))
    const reply = await client.ask('GET', '/text', GZIP)
    expect(decode(reply.body)).toBe('hello '.repeat(1000))
    const fields = { etag: reply.headers['etag'], vary: 'Accept-Encoding', 'x-content-type-options': 'nosniff' }
    expect(reply).toMatchObject({ status: 200, headers: { ...fields, 'content-encoding': 'gzip', 'content-type': 'text/plain', 'content-length': String(reply.body.length) } })
    const head = await client.ask('HEAD', '/text', GZIP)
    expect(head).toMatchObject({ status: 200, headers: { ...fields, 'content-encoding': 'gzip', 'content-type': 'text/plain' }, body: '' })
    const kept = await client.ask('GET', '/text', { headers: { ...GZIP.headers, 'if-none-match': String(fields.etag) } })
    expect(kept).toMatchObject({ status: 304, headers: fields, body: '' })
    expect(kept.headers).not.toHaveProperty('content-type')
    client.close()
  })

  test('a compressed stream comes piece by piece, and is let go when its client leaves', async ({ makeSite }) => {
    const server = await makeSite(plan('')).serve()
    const [reader, leaver, other] = await Promise.all([1, 2, 3].map(() => RawClient.connect(server.port('guarded'))))
    reader!.send('GET', '/pieces/2', GZIP)
    // The first piece, flushed: it ends in an empty stored block (RFC 1951 §3.2.4).
    await reader!.received('\x00\x00\xff\xff')
    for (const _ of [0, 1]) await open(other!)
    expect(decode((await reader!.response()).body)).toBe('piece 0 piece 1 ')
    leaver!.send('GET', '/pieces/1000', GZIP)
    await leaver!.received('\x00\x00\xff\xff')
    leaver!.close()
    // A client that has closed its half may still read: only what is sent to it tells that it has gone.
    while ((await other!.ask('GET', '/seen')).body !== '{"released":2}') await other!.ask('POST', '/open')
    expect(await server.line('request', ({ complete }) => complete === false)).toMatchObject({ request_line: 'GET /pieces/1000 HTTP/1.1' })
  })

  test('an app that never answers is answered for', async ({ makeSite }) => {
    const server = await makeSite(plan('')).serve()
    const client = await RawClient.connect(server.port('guarded'))
    expect(await client.ask('GET', '/never')).toMatchObject({ status: 504, body: '{"computeFault":{"code":504,"message":"The request took too long."}}' })
    expect(await server.line('request.failed')).toMatchObject({ status: 504 })
    client.close()
  })

  test('a password lets in, and a field of the client says nothing', async ({ makeSite }) => {
    const server = await makeSite(plan(`ada:${hashSync('sesame', 4)}\n`)).serve()
    const client = await RawClient.connect(server.port('guarded'))
    const refused = await client.ask('GET', '/private/who')
    expect(refused).toMatchObject({ status: 401, headers: { 'www-authenticate': 'Basic realm="API", charset="UTF-8"' } })
    const headers = { authorization: `Basic ${btoa('ada:sesame')}`, 'x-roles': 'admin' }
    expect((await client.ask('GET', '/private/who', { headers })).body).toBe('{"user":"ada","roles":null}')
    client.close()
  })

  test('who asks too often is told when to come again', async ({ makeSite }) => {
    const server = await makeSite(plan('')).serve()
    const client = await RawClient.connect(server.port('guarded'))
    const statuses = []
    for (const _ of [1, 2, 3]) statuses.push((await client.ask('GET', '/limited/text')).status)
    expect(statuses).toEqual([200, 200, 429])
    expect((await client.ask('GET', '/limited/text')).headers).toMatchObject({ 'retry-after': expect.stringMatching(/^43\d{3}$/), ratelimit: expect.stringMatching(/^"default";r=0;t=43\d{3}$/) })
    client.close()
  })

  test('a file of passwords that cannot be used ends the start, with its own line', async ({ makeSite }) => {
    const { code, stderr } = await makeSite(plan('# users\nada:secret\n')).run('check')
    expect(code).toBe(2)
    expect(stderr).toMatch(/users:2: the digest of ada is not one of bcrypt/)
    expect(stderr).not.toContain('secret')
  })
})
