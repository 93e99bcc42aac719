import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { describe, expect } from 'vitest'
import type { CliProcess, LogLine } from '../support/cli.ts'
import { HAS_PROCFS } from '../support/procfs.ts'
import { RawClient } from '../support/raw-client.ts'
import { test } from '../support/site.ts'

const PLAN = { apis: { api: 'misbehaving.js' } }
const ONE = ['--workers', '0']

interface Seen {
  readonly released: number
  readonly late: number
  readonly aborted: number
}

/** What the app says it has seen, when that is enough. */
async function seen(port: number, enough: (seen: Seen) => boolean): Promise<Seen> {
  const client = await RawClient.connect(port)
  for (;;) {
    const found = JSON.parse((await client.ask('GET', '/seen')).body) as Seen
    if (!enough(found)) continue
    client.close()
    return found
  }
}

function failureOf(server: CliProcess, target: string): Promise<LogLine> {
  return server.line('request.failed', (line) => line['target'] === target)
}

/** The message of the error in the log, by the path. */
const FAILURES: Readonly<Record<string, RegExp>> = {
  '/throws': /^secret of the app$/,
  '/rejects': /^secret of the app$/,
  '/throws-600': /^secret of the app$/,

  '/undefined': /answered with undefined/,
  '/number': /answered with 7/,
  '/text': /answered with hello/,
  '/response': /WHATWG Response/,
  '/promise-body': /await it first/,
  '/number-body': /body cannot be a number/,
  '/map-body': /body cannot be \[object Map\]/,
  '/form-body': /body cannot be \[object FormData\]/,
  '/blob-body': /body cannot be \[object Blob\]/,
  '/response-body': /body cannot be \[object Response\]/,
  '/big-body': /BigInt/,

  '/no-iterator': /^it does not want to$/,

  '/status-0': /^0 is not the status of a final reply/,
  '/status-99': /^99 is not the status/,
  '/status-101': /^101 is not the status/,
  '/status-600': /^600 is not the status/,
  '/status-1e3': /^1000 is not the status/,
  '/status-nan': /^NaN is not the status/,
  '/status-text': /^200 is not the status/,

  '/crlf-value': /field location has characters no field may have \(RFC 9110 §5\.5\)/,
  '/crlf-list': /field link has characters/,
  '/nul-value': /field location has characters/,
  '/crlf-name': /is not a field name \(RFC 9110 §5\.1\)/,
  '/crlf-reason': /status text has characters .*\(RFC 9112 §4\)/,
  '/escape-reason': /status text has characters/,
  '/crlf-type': /field content-type has characters/,
  '/length-text': /"many" is not a content-length/,
  '/length-negative': /-1 is not a content-length/,
}

describe.concurrent('an app that misbehaves', () => {
  test('is answered 500 in 31 ways, says why in the log and not to the client, and the connection goes on', async ({ makeSite }) => {
    const server = await makeSite(PLAN).serve(...ONE)
    const client = await RawClient.connect(server.port('api'))
    expect(Object.keys(FAILURES)).toHaveLength(31)
    for (const [path, message] of Object.entries(FAILURES)) {
      const { status, headers, body } = await client.ask('GET', path)
      expect({ path, status, body, connection: headers['connection'], cookie: headers['set-cookie'] }).toEqual({
        path, status: 500, body: 'Internal Server Error\n', connection: 'keep-alive', cookie: undefined,
      })
      const line = await failureOf(server, path)
      expect(line).toMatchObject({ level: 'error', api: 'api', status: 500, msg: `GET ${path} failed with 500`, id: expect.stringMatching(/^req-/) })
      expect((line['err'] as Error).message).toMatch(message)
      expect((line['err'] as Error).stack).toMatch(/\n +at /)
    }
    expect((await client.ask('GET', '/pid')).status).toBe(200)
  })

  test('throws what is no error: it is answered 500, and in the log as far as there is something to say', async ({ makeSite }) => {
    const server = await makeSite(PLAN).serve(...ONE)
    const client = await RawClient.connect(server.port('api'))
    for (const path of ['/throws-text', '/throws-nothing']) expect(await client.ask('GET', path)).toMatchObject({ status: 500, body: 'Internal Server Error\n' })
    expect(await failureOf(server, '/throws-text')).toMatchObject({ level: 'error', err: 'secret of the app' })
    expect(await failureOf(server, '/throws-nothing')).toMatchObject({ level: 'error', status: 500 })
  })

  test.for([
    { path: '/too-long', message: /longer than its content-length of 4$/ },
    { path: '/too-short', message: /ended after 10 of 40 octets$/ },
    { path: '/breaks', message: /^secret of the stream$/ },
    { path: '/breaks-node', message: /^secret of the stream$/ },
    { path: '/breaks-web', message: /^secret of the stream$/ },
    { path: '/breaks-length', message: /^secret of the stream$/ },
    { path: '/piece-number', message: /./ },
  ])('$path: its stream is cut, so that nobody takes what came for the whole (RFC 9112 §8)', async ({ path, message }, { makeSite }) => {
    const server = await makeSite(PLAN).serve(...ONE)
    const client = await RawClient.connect(server.port('api'))
    client.send('GET', path)
    await expect(client.response()).rejects.toThrow(/the connection was (closed|reset) after/)
    expect((await client.ended()).rest).not.toMatch(/\r\n0\r\n/)
    const line = await failureOf(server, path)
    expect(line).toMatchObject({ level: 'error', status: 200 })
    expect((line['err'] as Error).message).toMatch(message)
    expect(await server.line('request', ({ request_line: text }) => String(text).includes(path))).toMatchObject({ complete: false, status_code: 200 })
    const next = await RawClient.connect(server.port('api'))
    expect((await next.ask('GET', '/pid')).status).toBe(200)
  })

  test.for(['/breaks', '/breaks-node', '/breaks-web', '/piece-number'])('%s to HTTP/1.0, to which an end is a whole: it is reset (RFC 9112 §8)', async (path, { makeSite, skip }) => {
    skip(!HAS_PROCFS, 'needs /proc')
    const server = await makeSite(PLAN).serve(...ONE)
    const client = await RawClient.connect({ host: '127.0.0.1', port: server.port('api'), allowHalfOpen: true })
    const { localPort } = client
    client.write(`GET ${path} HTTP/1.0\r\n\r\n`)
    const { how } = await client.ended()
    // A reset that comes together with the last octets is an end to libuv, which looks no further. The kernel has forgotten the connection.
    expect([how, isOpen(localPort, server.port('api'))]).toEqual([how, false])
    client.close()
  })

  test('never answers: handler_timeout is 503, aborts request.signal and is in the log; what it says later is let go', async ({ makeSite }) => {
    const server = await makeSite({ ...PLAN, conf: { wsgi: { handler_timeout: 1 } } }).serve(...ONE)
    const clients = await Promise.all(['/never', '/late'].map(async (path) => (await RawClient.connect(server.port('api'))).send('GET', path)))
    for (const client of clients) expect(await client.response()).toMatchObject({ status: 503 })
    expect(await seen(server.port('api'), () => true)).toEqual({ released: 0, late: 0, aborted: 2 })
    for (const path of ['/never', '/late']) expect(await failureOf(server, path)).toMatchObject({ status: 503, err: { message: 'the request took too long' } })
    expect((await clients[0]!.ask('GET', '/open')).body).toBe('true')
    expect(await seen(server.port('api'), ({ released }) => released === 1)).toEqual({ released: 1, late: 1, aborted: 2 })
    for (const client of clients) expect((await client.ask('GET', '/pid')).status).toBe(200)
  })

  test('streams for ever: 20 clients that leave abort its request and end its stream', async ({ makeSite }) => {
    const server = await makeSite(PLAN).serve(...ONE)
    const clients = await Promise.all(Array.from({ length: 20 }, () => RawClient.connect(server.port('api'))))
    await Promise.all(clients.map((client) => client.send('GET', '/endless').received('more of it')))
    for (const client of clients) client.close()
    expect(await seen(server.port('api'), ({ released }) => released === 20)).toEqual({ released: 20, late: 0, aborted: 20 })
    expect(server.log('request.failed')).toEqual([])
  })

  test.for(['/cancel-throws', '/cancel-nothing', '/cancel-web', '/cancel-finally', '/destroy-throws'])(
    '%s: a stream that does not want to be let go hurts nobody else',
    async (path, { makeSite }) => {
      const server = await makeSite(PLAN).serve(...ONE)
      const client = await RawClient.connect(server.port('api'))
      await client.send('GET', path).received('more of it')
      client.close()
      await server.line('request', ({ complete }) => complete === false)
      const next = await RawClient.connect(server.port('api'))
      expect((await next.ask('HEAD', path)).status).toBe(200)
      expect((await next.ask('GET', '/pid')).status).toBe(200)
      expect(server.log('crash')).toEqual([])
    },
  )

  test('blocks its process: 8 clients that ask meanwhile are answered behind it', async ({ makeSite }) => {
    const server = await makeSite(PLAN).serve(...ONE)
    const clients = await Promise.all(Array.from({ length: 9 }, () => RawClient.connect(server.port('api'))))
    for (const [index, client] of clients.entries()) client.send('GET', index === 0 ? '/blocks' : '/pid')
    const answers = await Promise.all(clients.map((client) => client.response()))
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 9 }, () => 200))
  })

  test('rejects where nobody listens, behind its answer: the answer arrives, the worker ends with the stack in the log, the next one serves', async ({ makeSite }) => {
    const server = await makeSite(PLAN).serve()
    const client = await RawClient.connect(server.port('api'))
    expect((await client.ask('GET', '/rejects-later')).body).toBe('hello')
    expect(await server.line('crash')).toMatchObject({ level: 'fatal', err: { message: 'nobody handles this', stack: expect.stringContaining('misbehaving.js') } })
    expect(await server.line('worker.exited')).toMatchObject({ code: 1, expected: false })
    const next = await RawClient.connect(server.port('api'))
    expect((await next.ask('GET', '/pid')).body).toBe(String(server.workers('api')[1]))
  })
})

describe.concurrent('what belongs to the server', () => {
  test('is not the app\'s to set: length, coding, keep-alive and trailers are what is sent (RFC 9112 §6.1, RFC 9110 §7.6.1)', async ({ makeSite }) => {
    const server = await makeSite(PLAN).serve(...ONE)
    const client = await RawClient.connect(server.port('api'))
    const own = { body: 'hello', headers: { 'content-length': '5', connection: 'keep-alive' } }
    expect(await client.ask('GET', '/own-length')).toMatchObject(own)
    const coded = await client.ask('GET', '/own-coding')
    expect(coded).toMatchObject({ ...own, headers: { ...own.headers, 'keep-alive': 'timeout=74' } })
    expect(coded.headers).not.toHaveProperty('transfer-encoding')
    expect((await client.ask('GET', '/own-date')).headers['date']).toBe('Thu, 01 Jan 1970 00:00:00 GMT')
    expect(await client.ask('GET', '/own-keep-alive', { headers: { connection: 'close' } })).toMatchObject({ headers: { connection: 'close' } })
    expect((await client.ended()).rest).toBe('')
    const last = await RawClient.connect(server.port('api'))
    expect(await last.ask('GET', '/own-close')).toMatchObject({ body: 'hello', headers: { connection: 'close' } })
    expect((await last.ended()).rest).toBe('')
  })

  test('a body where there can be none is not sent, and the connection stays in step (RFC 9110 §6.4.1)', async ({ makeSite }) => {
    const server = await makeSite(PLAN).serve(...ONE)
    const socket = connect(server.port('api'), '127.0.0.1')
    const paths = ['HEAD /no-iterator', 'GET /204', 'GET /204-stream', 'GET /304', 'HEAD /stream', 'HEAD /own-date', 'HEAD /throws', 'HEAD /endless']
    for (const line of paths) socket.write(`${line} HTTP/1.1\r\nHost: a\r\n\r\n`)
    socket.write('GET /own-close HTTP/1.1\r\nHost: a\r\n\r\n')
    const heads = (await textOf(socket)).split('\r\n\r\n')
    expect(heads.map((head) => head.split('\r\n')[0])).toEqual([
      'HTTP/1.1 200 OK', 'HTTP/1.1 204 No Content', 'HTTP/1.1 204 No Content', 'HTTP/1.1 304 Not Modified', 'HTTP/1.1 200 OK', 'HTTP/1.1 200 OK',
      'HTTP/1.1 500 Internal Server Error', 'HTTP/1.1 200 OK', 'HTTP/1.1 200 OK', 'hello',
    ])
    for (const head of heads.slice(1, 3)) expect(head).not.toMatch(/content-length|transfer-encoding/)
  })
})

/** This end of a connection is still there; a FIN of the other end leaves it half open. The columns are of proc_pid_net(5). */
function isOpen(localPort: number, remotePort: number): boolean {
  const [own, other] = [localPort, remotePort].map((port) => `:${port.toString(16).toUpperCase().padStart(4, '0')}`)
  const rows = readFileSync('/proc/net/tcp', 'latin1').trim().split('\n').map((row) => row.trim().split(/\s+/))
  return rows.some(([, local, remote]) => local?.endsWith(own!) === true && remote?.endsWith(other!) === true)
}

async function textOf(socket: Socket): Promise<string> {
  let text = ''
  socket.setEncoding('latin1').on('data', (more: string) => (text += more))
  await once(socket, 'end')
  return text
}
