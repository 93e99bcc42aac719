import { once } from 'node:events'
import { type ClientRequest, get as getPlain, type IncomingMessage, type RequestOptions } from 'node:http'
import { get as getTls } from 'node:https'
import { connect } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, onTestFinished, test } from 'vitest'
import { builtins, ConfigError, Loader, type RunningServer } from '../src/index.ts'
import { writeFiles } from './paste/paste-files.ts'
import { TestAuthority } from './server/certificates.ts'

const FILES = {
  'package.json': '{ "type": "module" }',
  'app.js': `export const factory = () => (request) => ({ body: [request.pathInfo, request.server.address, request.server.port, request.scheme] })`,
}

function write(server: string): string {
  return writeFiles({ ...FILES, 'api-paste.ini': `[app:main]\npaste.app_factory = ./app.js:factory\n[server:main]\n${server}\n` })
}

async function serve(directory: string): Promise<RunningServer> {
  const loader = new Loader({ configPath: join(directory, 'api-paste.ini'), builtins })
  const running = await (await loader.loadServer())(await loader.loadApp())
  onTestFinished(() => running.close())
  return running
}

/** With a connection of its own, which is closed. */
async function bodyFrom(get: (options: RequestOptions) => ClientRequest, options: RequestOptions): Promise<unknown> {
  const [response] = (await once(get({ host: '127.0.0.1', ...options, path: '/x', agent: false }), 'response')) as [IncomingMessage]
  return JSON.parse(await text(response))
}

test.each(['egg:millrace#http', 'egg:Paste#http'])('%s serves an app on the port it gets', async (use) => {
  const { address } = await serve(write(`use = ${use}\nport = 0`))
  expect(address).toEqual({ address: '127.0.0.1', port: expect.any(Number) as number })
  expect(address.port).toBeGreaterThan(0)
  expect(await bodyFrom(getPlain, { port: address.port })).toEqual(['/x', '127.0.0.1', address.port, 'http'])
})

test('serves on a unix socket beside the file', async () => {
  const directory = write('use = egg:millrace#http\nhost = unix:api.sock')
  const { address } = await serve(directory)
  expect(address).toEqual({ address: `unix:${directory}/api.sock`, port: 0 })
  expect(await bodyFrom(getPlain, { socketPath: join(directory, 'api.sock') })).toEqual(['/x', address.address, 0, 'http'])
})

test('serves HTTPS with a certificate', async () => {
  const directory = write('use = egg:millrace#http\nport = 0\nssl_cert_file = server.pem\nssl_key_file = server.key')
  const authority = new TestAuthority(directory)
  authority.issue('server')
  const { address } = await serve(directory)
  const trusting = { port: address.port, ca: authority.ca, checkServerIdentity: () => undefined }
  expect(await bodyFrom(getTls, trusting)).toEqual(['/x', '127.0.0.1', address.port, 'https'])
})

test.each(['60', '0'])('close() ends what is idle after idle_linger and leaves nothing that listens (timeout %s)', async (timeout) => {
  const { address, close } = await serve(write(`use = egg:millrace#http\nport = 0\nidle_linger = 0\ngraceful_shutdown_timeout = ${timeout}`))
  const idle = connect(address.port, '127.0.0.1')
  await once(idle, 'connect')
  idle.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  await once(idle, 'data')
  const ended = once(idle.resume(), 'end')
  await Promise.all([close(), ended])
  idle.destroy()
  await expect(once(connect(address.port, '127.0.0.1'), 'connect')).rejects.toThrow('ECONNREFUSED')
})

test('a port in use is told when it is to serve', async () => {
  const { address } = await serve(write('use = egg:millrace#http\nport = 0'))
  await expect(serve(write(`use = egg:millrace#http\nport = ${address.port}`))).rejects.toThrow(`Could not bind to 127.0.0.1:${address.port}`)
})

test('everything that is wrong with its options is told at once, with its lines', async () => {
  const loading = serve(write('use = egg:millrace#http\nport = high\nkeepalive_timout = 1\nssl_min_version = SSLv3\naccess_log = true\nssl_ciphers ='))
  await expect(loading).rejects.toBeInstanceOf(ConfigError)
  const { problems } = (await loading.catch((error: unknown) => error)) as ConfigError
  expect(problems.map(({ line, option, message, nearest }) => [line, option, message, nearest])).toEqual([
    [6, 'keepalive_timout', 'there is no such option', 'keepalive_timeout'],
    [8, 'access_log', 'there is no such option', undefined],
    [5, 'port', 'is not valid', undefined],
    [7, 'ssl_min_version', 'is not valid', undefined],
  ])
})

test('without an INI file relative paths are relative to the working directory', async () => {
  const { httpServer } = await import('../src/http-server.ts')
  expect(() => httpServer({}, { ssl_cert_file: 'absent.pem' })).toThrow(`Unable to find cert_file : ${join(process.cwd(), 'absent.pem')}`)
})
