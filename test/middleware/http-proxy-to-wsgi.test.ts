import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { App, HttpRequest } from '../../src/app.ts'
import { lintApp } from '../../src/compose/lint.ts'
import { httpProxyToWsgi } from '../../src/middleware/http-proxy-to-wsgi.ts'
import { isBehindProxy, peerOf } from '../../src/middleware/peer.ts'
import { Networks } from '../../src/networks.ts'
import { makeRequest } from '../support/make-request.ts'

type Strings = Record<string, string>

const PROXY = '10.0.0.1'
const SERVER = { name: 'compute', address: '192.0.2.1', port: 8774, stopping: false }
const answerNothing: App = () => ({})
const ON = { enable_proxy_headers_parsing: 'true' }

const trusting = (...names: string[]): HttpRequest['server'] => {
  const networks = new Networks(names)
  return { ...SERVER, trusts: (address) => networks.has(address) }
}

function wrap(localConf: Strings, next: App = answerNothing): App {
  const filter = httpProxyToWsgi({}, localConf)
  if (typeof filter !== 'function') throw new TypeError('made later')
  return lintApp(filter(lintApp(next)))
}

/** The request as an app sees it that came from `peer` with these fields; 10.0.0.0/8 is trusted unless the section says otherwise. */
async function see(headers: Strings, localConf: Strings = {}, peer = PROXY, more: Partial<Pick<HttpRequest, 'host' | 'rawScriptName'>> = {}): Promise<HttpRequest> {
  const request = makeRequest({ headers, client: { address: peer, port: 50_000 }, server: trusting('10.0.0.0/8', 'unix'), ...more })
  await wrap({ ...ON, ...localConf })(request)
  return request
}

async function clientOf(headers: Strings, localConf?: Strings, peer?: string): Promise<string> {
  return (await see(headers, localConf, peer)).client.address
}

test('it does nothing unless enable_proxy_headers_parsing is true, as in oslo.middleware', () => {
  for (const conf of [{}, { enable_proxy_headers_parsing: 'false' }]) {
    expect((httpProxyToWsgi({}, conf) as (next: App) => App)(answerNothing)).toBe(answerNothing)
  }
})

test('a request no proxy has told anything of stays as it is', async () => {
  const { client, scheme, host, rawScriptName, environ } = await see({})
  expect({ client, scheme, host, rawScriptName, environ }).toEqual({
    client: { address: PROXY, port: 50_000 }, scheme: 'http', host: 'api.example', rawScriptName: '', environ: {},
  })
})

describe('X-Forwarded-For', () => {
  test.each([
    ['203.0.113.7', '203.0.113.7'],
    ['6.6.6.6, 203.0.113.7', '203.0.113.7'],
    ['10.9.9.9, 203.0.113.7', '203.0.113.7'],
    ['6.6.6.6, 203.0.113.7, 10.0.0.2', '203.0.113.7'],
    ['6.6.6.6, 203.0.113.7, 10.0.0.3, 10.0.0.2', '203.0.113.7'],
    ['203.0.113.7, , 10.0.0.2,', '203.0.113.7'],
    ['10.0.0.4, 10.0.0.2', '10.0.0.4'],
    ['2001:db8::7', '2001:db8::7'],
    ['[2001:db8::7]', '2001:db8::7'],
    ['6.6.6.6, ::ffff:203.0.113.7, ::ffff:10.0.0.2', '::ffff:203.0.113.7'],
    ['203.0.113.7, unknown', PROXY],
    ['203.0.113.7, unknown, 10.0.0.2', '10.0.0.2'],
    ['203.0.113.7, _hidden, 10.0.0.2', '10.0.0.2'],
    ['203.0.113.7, 10.0.0.256', PROXY],
    ['203.0.113.7, fe80::1%eth0', PROXY],
    ['203.0.113.7, [10.0.0.2]', PROXY],
    ['203.0.113.7, 10.0.0.2:99999', PROXY],
    ['', PROXY],
  ])('%j names the client %s: the first from the right that is not trusted', async (value, client) => {
    expect(await clientOf({ 'x-forwarded-for': value })).toBe(client)
  })

  test.each([
    ['203.0.113.7:4711', { address: '203.0.113.7', port: 4711 }],
    ['[2001:db8::7]:4711', { address: '2001:db8::7', port: 4711 }],
  ])('%j has a port too', async (value, client) => {
    expect((await see({ 'x-forwarded-for': value })).client).toEqual(client)
  })
})

describe('X-Forwarded-Proto, -Host, -Port and -Prefix', () => {
  test('say what the client asked', async () => {
    const headers = { 'x-forwarded-for': '203.0.113.7', 'x-forwarded-proto': 'HTTPS', 'x-forwarded-host': 'cloud.example', 'x-forwarded-port': '8443', 'x-forwarded-prefix': '/compute/' }
    expect(await see(headers, {}, PROXY, { rawScriptName: '/v2.1' })).toMatchObject({
      scheme: 'https', host: 'cloud.example:8443', rawScriptName: '/compute/v2.1', scriptName: '/compute/v2.1',
    })
  })

  test('are believed without X-Forwarded-For', async () => {
    expect(await see({ 'x-forwarded-proto': 'https' })).toMatchObject({ scheme: 'https', client: { address: PROXY } })
  })

  test.each([
    ['203.0.113.7', 'http, https', 'https'],
    ['203.0.113.7', 'https, http', 'http'],
    ['203.0.113.7, 10.0.0.2', 'ftp, https, http', 'https'],
    ['203.0.113.7, 10.0.0.2', 'https', 'https'],
    ['6.6.6.6, 203.0.113.7, 10.0.0.2', 'http, https, http', 'https'],
    ['', 'http, https', 'https'],
  ])('as the outermost trusted proxy has them: of %j and %j it is %s', async (chain, proto, scheme) => {
    expect((await see({ 'x-forwarded-for': chain, 'x-forwarded-proto': proto })).scheme).toBe(scheme)
  })

  test.each([['ws'], ['javascript'], ['']])('the scheme %j changes nothing', async (proto) => {
    expect((await see({ 'x-forwarded-proto': proto })).scheme).toBe('http')
  })

  test.each([
    ['cloud.example', 'cloud.example'],
    ['cloud.example:8443', 'cloud.example:8443'],
    ['[2001:db8::1]:8443', '[2001:db8::1]:8443'],
    ['evil.example/path', 'api.example'],
    ['a b', 'api.example'],
    ['user@evil.example', 'api.example'],
    ['cloud.example:port', 'api.example'],
  ])('the host %j becomes %s', async (host, expected) => {
    expect((await see({ 'x-forwarded-host': host })).host).toBe(expected)
  })

  test.each([
    ['http', '80', 'api.example'],
    ['https', '443', 'api.example'],
    ['https', '80', 'api.example:80'],
    ['http', '0', 'api.example'],
    ['http', '8774x', 'api.example'],
  ])('with %s the port %s makes the host %s', async (scheme, port, host) => {
    expect((await see({ 'x-forwarded-proto': scheme, 'x-forwarded-port': port })).host).toBe(host)
  })

  test('a host that has its port keeps it, and one that is not known gets none', async () => {
    const headers = { 'x-forwarded-port': '8443' }
    expect((await see({ ...headers, 'x-forwarded-host': 'cloud.example:8774' })).host).toBe('cloud.example:8774')
    expect((await see(headers, {}, PROXY, { host: '' })).host).toBe('')
  })

  test.each(['compute', '//evil.example', '/a//b', '/..', '/a/../b', '/a/./b', '/a b', '/%zz', '/', ''])('the prefix %j changes nothing', async (prefix) => {
    expect((await see({ 'x-forwarded-prefix': prefix })).rawScriptName).toBe('')
  })

  test.each(['/a/b', '/..a/.well-known', '/%41%2F'])('the prefix %j is taken', async (prefix) => {
    expect((await see({ 'x-forwarded-prefix': prefix })).rawScriptName).toBe(prefix)
  })
})

describe('Forwarded (RFC 7239)', () => {
  test.each([
    ['for=203.0.113.7', '203.0.113.7'],
    ['For="203.0.113.7"', '203.0.113.7'],
    ['for="[2001:db8::7]"', '2001:db8::7'],
    ['for=6.6.6.6, for=203.0.113.7', '203.0.113.7'],
    ['for=6.6.6.6, for=203.0.113.7;by=10.0.0.2, for=10.0.0.2', '203.0.113.7'],
    ['for=203.0.113.7,,for=10.0.0.2,', '203.0.113.7'],
    ['for=203.0.113.7; ext="a, for=6.6.6.6"', '203.0.113.7'],
    ['for=203.0.113.7;ext="say \\"hi\\", x"', '203.0.113.7'],
    ['for="203.0.113.\\7"', '203.0.113.7'],
    ['for=10.0.0.4, for=10.0.0.2', '10.0.0.4'],
    ['for=203.0.113.7, for=unknown, for=10.0.0.2', '10.0.0.2'],
    ['for=203.0.113.7, for=_hidden', PROXY],
    ['for=203.0.113.7, proto=https', PROXY],
    ['for=2001:db8::7', PROXY],
    ['for=203.0.113.7, for=10.0.0.2;for=10.0.0.3', PROXY],
    ['for=203.0.113.7, nonsense', PROXY],
    ['', PROXY],
  ])('%j names the client %s', async (value, client) => {
    expect(await clientOf({ forwarded: value })).toBe(client)
  })

  test.each([
    ['for="', 'for=203.0.113.7'],
    ['x="', 'for=203.0.113.7;host="h.example"'],
    ['x="y\\"', 'for=203.0.113.7;host=";a=b"'],
    ['for=6.6.6.6;x="', 'for="203.0.113.7:4711"'],
    [',"'.repeat(5000), 'for=203.0.113.7'],
  ])('a client that sends %j cannot hide what its proxy appends', async (sent, appended) => {
    expect(await clientOf({ forwarded: `${sent}, ${appended}` })).toBe('203.0.113.7')
  })

  test('an element of more commas than anybody needs is not read', async () => {
    expect(await clientOf({ forwarded: `for=203.0.113.7;x="${','.repeat(8)}"` })).toBe('203.0.113.7')
    expect(await clientOf({ forwarded: `for=203.0.113.7;x="${','.repeat(9)}"` })).toBe(PROXY)
  })

  test('the scheme and the host are those of the same element, and the port may be obfuscated', async () => {
    const told = await see({ forwarded: 'for=6.6.6.6;proto=http, for="203.0.113.7:_p";proto=https;host="cloud.example:8443", for=10.0.0.2;proto=http' })
    expect(told).toMatchObject({ client: { address: '203.0.113.7', port: 0 }, scheme: 'https', host: 'cloud.example:8443' })
  })

  test('an element that says nothing of them leaves them as they are', async () => {
    expect(await see({ forwarded: 'for=203.0.113.7, for=10.0.0.2;proto=https' })).toMatchObject({ scheme: 'http', host: 'api.example' })
  })
})

describe('whatever a client sends itself', () => {
  const piece = fc.constantFrom('for=', '10.0.0.9', '203.0.113.66', '"', '\\', ',', ';', '=', ' ', '[', ']', ':', 'unknown', 'x', 'proto=https', 'host=evil.example')
  const sent = fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join(''))

  test.each([
    ['x-forwarded-for', '203.0.113.7, 10.0.0.2'],
    ['forwarded', 'for=203.0.113.7, for=10.0.0.2'],
    ['forwarded', 'for="203.0.113.7:4711";by="_b", for="[::ffff:10.0.0.2]"'],
  ])('in %s, the client is the one that the proxies %j tell of', async (name, told) => {
    await fc.assert(
      fc.asyncProperty(sent, async (spoof) => {
        const request = await see({ [name]: `${spoof}, ${told}` })
        expect([request.client.address, request.scheme, request.host]).toEqual(['203.0.113.7', 'http', 'api.example'])
        expect(request.headers.get(name)).toBe(told)
      }),
      { numRuns: 300 },
    )
  })
})

describe('whom it believes', () => {
  const spoofed = { 'x-forwarded-for': '10.0.0.9', 'x-forwarded-proto': 'https', 'x-forwarded-prefix': '/x', forwarded: 'for=10.0.0.9;host=evil.example' }

  test('of others than trusted peers nothing is believed, and nothing of it is left for apps to believe', async () => {
    const request = await see({ ...spoofed, accept: 'text/plain' }, {}, '203.0.113.66')
    expect(request).toMatchObject({ client: { address: '203.0.113.66' }, scheme: 'http', host: 'api.example', rawScriptName: '' })
    expect([...request.headers.keys()]).toEqual(['accept'])
  })

  test.each([
    [{ 'x-forwarded-for': '6.6.6.6, 203.0.113.7, 10.0.0.2' }, { 'x-forwarded-for': '203.0.113.7, 10.0.0.2' }],
    [{ 'x-forwarded-for': '6.6.6.6, unknown' }, { 'x-forwarded-for': 'unknown' }],
    [{ 'x-forwarded-for': '203.0.113.7', 'x-forwarded-proto': 'http, https' }, { 'x-forwarded-for': '203.0.113.7', 'x-forwarded-proto': 'https' }],
    [{ forwarded: 'for=6.6.6.6, for=203.0.113.7;proto=https, for=10.0.0.2' }, { forwarded: 'for=203.0.113.7;proto=https, for=10.0.0.2' }],
    [{ forwarded: 'for=203.0.113.7, nonsense' }, {}],
  ])('of %j there stays %j, which apps may believe', async (headers, left) => {
    expect(Object.fromEntries((await see(headers)).headers)).toEqual(left)
  })

  test('trusted_proxies of its own section takes the place of the server\'s', async () => {
    const headers = { 'x-forwarded-for': '203.0.113.7' }
    expect(await clientOf(headers, { trusted_proxies: '203.0.113.0/24' }, '203.0.113.66')).toBe('203.0.113.7')
    expect(await clientOf(headers, { trusted_proxies: '203.0.113.0/24' })).toBe(PROXY)
    expect(await clientOf(headers, {}, 'unix')).toBe('203.0.113.7')
  })

  test('X-Forwarded wins over Forwarded, which is taken off: most proxies pass on the one a client sent', async () => {
    const request = await see({ 'x-forwarded-for': '203.0.113.7', forwarded: 'for=6.6.6.6' })
    expect(request.client.address).toBe('203.0.113.7')
    expect(request.headers.has('forwarded')).toBe(false)
    expect(request.headers.get('x-forwarded-for')).toBe('203.0.113.7')
  })

  test('proxy_headers says which are read, and in what order; the others are taken off', async () => {
    const headers = { 'x-forwarded-for': '6.6.6.6', forwarded: 'for=203.0.113.7' }
    expect(await clientOf(headers, { proxy_headers: 'Forwarded' })).toBe('203.0.113.7')
    expect(await clientOf(headers, { proxy_headers: 'forwarded x-forwarded' })).toBe('203.0.113.7')
    const request = await see({ 'x-forwarded-prefix': '/x' }, { proxy_headers: 'forwarded' })
    expect([request.rawScriptName, request.headers.has('x-forwarded-prefix')]).toEqual(['', false])
  })

  test('the peer is remembered, and a second filter of the kind changes nothing more', async () => {
    const request = makeRequest({
      headers: { 'x-forwarded-for': '10.0.0.4', 'x-forwarded-prefix': '/x' }, client: { address: PROXY, port: 1 }, server: trusting('10.0.0.0/8'),
    })
    await wrap(ON, wrap(ON))(request)
    expect(request).toMatchObject({ client: { address: '10.0.0.4' }, rawScriptName: '/x' })
    expect([isBehindProxy(request), peerOf(request)]).toEqual([true, { address: PROXY, port: 1 }])
  })

  test.each([
    [{ trusted_proxies: '10.0.0.0/33' }, 'trusted_proxies: is no network (got "10.0.0.0/33"'],
    [{ proxy_headers: 'forward' }, 'proxy_headers: is not known (got "forward"; expected x-forwarded, forwarded); did you mean "forwarded"?'],
    [{ proxy_headers: 'constructor' }, 'proxy_headers: is not known'],
    [{ enable_proxy_headers_parsing: 'maybe' }, 'enable_proxy_headers_parsing: is not a boolean'],
  ])('%j is refused', (localConf, message) => {
    expect(() => httpProxyToWsgi({}, localConf)).toThrow(message)
  })
})
