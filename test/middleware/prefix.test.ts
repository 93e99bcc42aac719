import { describe, expect, test } from 'vitest'
import type { App, Conf, HttpRequest } from '../../src/app.ts'
import { lintApp } from '../../src/compose/lint.ts'
import { prefix } from '../../src/middleware/prefix.ts'
import { makeRequest } from '../support/make-request.ts'

const server = { name: 'compute', address: '192.0.2.1', port: 8774, stopping: false, trusts: (address: string) => /^(?:192\.0\.2\.7|10\.)/.test(address) }
const stranger = { address: '203.0.113.9', port: 40_000 }

/** What the app behind the filter sees. */
async function pass(conf: Conf, overrides: Parameters<typeof makeRequest>[0] = {}): Promise<HttpRequest> {
  const filter = await prefix({}, conf)
  const request = makeRequest({ server, ...overrides })
  const app: App = lintApp(filter(lintApp(() => ({ status: 204 }))))
  await app(request)
  return request
}

describe('the prefix', () => {
  test.each([
    ['/compute', '/compute/v2/x', '/compute', '/v2/x'],
    ['/compute/', '/compute/v2', '/compute', '/v2'],
    ['/compute', '/compute', '/compute', '/'],
    ['/compute', '/compute/', '/compute', '/'],
    ['/compute', '/v2', '/compute', '/v2'],
    ['/compute', '/computer', '/compute', '/computer'],
    ['/c.mpute', '/compute/x', '/c.mpute', '/compute/x'],
    ['/größe', '/gr%C3%B6%C3%9Fe/x', '/gr%C3%B6%C3%9Fe', '/x'],
    ['/', '/v2', '', '/v2'],
    ['', '', '', '/'],
    ['/compute', '', '/compute', '/'],
    ['/compute', '*', '/compute', '*'],
  ])('%j makes of %j the script name %j and the path %j', async (value, path, script, info) => {
    const request = await pass({ prefix: value }, { rawPathInfo: path, rawScriptName: '/replaced' })
    expect([request.rawScriptName, request.rawPathInfo]).toEqual([script, info])
  })

  test('that is no path fails the start', () => {
    expect(() => prefix({}, { prefix: 'compute' })).toThrow('prefix: is no path (got "compute"; expected for instance /compute)')
  })
})

describe('what proxies say', () => {
  const headers = {
    'x-forwarded-server': 'server.example',
    'x-forwarded-host': 'api.example:8443',
    'x-forwarded-for': '198.51.100.3',
    'x-forwarded-proto': 'https',
  }

  test('is the host, the client and the scheme, and is removed', async () => {
    const request = await pass({}, { headers })
    expect([request.host, request.client, request.scheme]).toEqual(['api.example:8443', { address: '198.51.100.3', port: 0 }, 'https'])
    expect([...request.headers.keys()]).toEqual([])
  })

  test('is not believed of strangers', async () => {
    const request = await pass({}, { headers, client: stranger })
    expect([request.host, request.client, request.scheme]).toEqual(['api.example', stranger, 'http'])
  })

  test('is left alone when the option says so', async () => {
    const request = await pass({ translate_forwarded_server: 'no' }, { headers })
    expect([request.host, request.headers.get('x-forwarded-for')]).toEqual(['api.example', '198.51.100.3'])
  })

  test.each([
    [{ 'x-forwarded-server': 'server.example' }, 'server.example'],
    [{ 'x-forwarded-server': 'server.example', 'x-forwarded-host': 'no host' }, 'server.example'],
    [{ 'x-forwarded-host': 'evil.example, api.example' }, 'api.example'],
    [{ 'x-forwarded-for': '198.51.100.3, 10.0.0.1', 'x-forwarded-host': 'evil.example, api.example, inner.example' }, 'api.example'],
    [{ 'x-forwarded-for': '198.51.100.3, 10.0.0.1', 'x-forwarded-host': 'api.example' }, 'api.example'],
    [{ 'x-forwarded-host': '[2001:db8::1]:80' }, '[2001:db8::1]:80'],
    [{ 'x-forwarded-host': 'a/b' }, 'here.example'],
    [{}, 'here.example'],
  ])('of the host: %j is %j', async (fields, host) => {
    expect((await pass({}, { headers: fields, host: 'here.example' })).host).toBe(host)
  })

  test.each([
    ['198.51.100.3', '198.51.100.3'],
    ['6.6.6.6, 198.51.100.3', '198.51.100.3'],
    ['6.6.6.6, 198.51.100.3, 10.0.0.1', '198.51.100.3'],
    ['10.0.0.2, 10.0.0.1', '10.0.0.2'],
    ['[2001:db8::1]:4711', '2001:db8::1'],
    ['6.6.6.6, unknown', '192.0.2.7'],
  ])('of the client: %j is %j', async (chain, address) => {
    expect((await pass({}, { headers: { 'x-forwarded-for': chain } })).client.address).toBe(address)
  })

  test.each([
    [{ 'x-forwarded-scheme': 'HTTPS', 'x-forwarded-proto': 'http' }, 'https'],
    [{ 'x-forwarded-proto': 'http, https' }, 'https'],
    [{ 'x-forwarded-proto': 'gopher' }, 'http'],
  ])('of the scheme: %j is %j', async (fields, scheme) => {
    expect((await pass({}, { headers: fields })).scheme).toBe(scheme)
  })
})

describe('what is forced', () => {
  test.each([
    ['8443', 'api.example', 'api.example:8443'],
    ['8443', 'api.example:80', 'api.example:8443'],
    ['8443', '[2001:db8::1]:80', '[2001:db8::1]:8443'],
    ['8443', '', '192.0.2.1:8443'],
    ['', 'api.example:8080', 'api.example'],
  ])('port %j makes of the host %j %j', async (port, host, expected) => {
    expect((await pass({ force_port: port }, { host })).host).toBe(expected)
  })

  test('a port goes to the address a request without Host came to, also when that is IPv6', async () => {
    expect((await pass({ force_port: '80' }, { host: '', server: { ...server, address: '::1' } })).host).toBe('[::1]:80')
  })

  test('the scheme wins over what the proxy says', async () => {
    expect((await pass({ scheme: 'https' }, { headers: { 'x-forwarded-proto': 'http' } })).scheme).toBe('https')
  })

  test('must be a port, and a scheme', () => {
    expect(() => prefix({}, { force_port: '65536', scheme: 'htps' })).toThrow(
      'force_port: is not a port (got "65536"; expected 0 to 65535, or nothing)\nscheme: is not known (got "htps"; expected http, https); did you mean "https"?',
    )
  })
})
