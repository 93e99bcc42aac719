import { readFileSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadConfig, type Config } from '../../src/config/load.ts'
import { Certificates, HAS_OPENSSL } from '../support/certificates.ts'
import { configErrorOf, makeDirectory } from './files.ts'

const SSL = '[DEFAULT]\nenabled_apis = compute\nenabled_ssl_apis = compute\n[wsgi:compute]\n'

let made: Certificates

beforeAll(() => {
  if (!HAS_OPENSSL) return
  made = new Certificates('one', 'other')
  made.makeWeak('weak')
  made.encrypt('one.key', 'locked.key')
  writeFileSync(made.path('garbage.pem'), '-----BEGIN CERTIFICATE-----\nbm90aGluZw==\n-----END CERTIFICATE-----\n')
  writeFileSync(made.path('both.pem'), readFileSync(made.path('one.pem'), 'utf8') + readFileSync(made.path('other.pem'), 'utf8'))
})

afterAll(() => made?.dispose())

interface Options {
  readonly cert?: string
  readonly key?: string
  readonly ca?: string
  readonly ciphers?: string
}

function given({ cert = 'one.pem', key = 'one.key', ca, ciphers }: Options): { root: string; load: () => Config } {
  const lines = [
    `ssl_cert_file = ${made.path(cert)}`, `ssl_key_file = ${made.path(key)}`,
    ca === undefined ? '' : `ssl_ca_file = ${made.path(ca)}`, ciphers === undefined ? '' : `ssl_ciphers = ${ciphers}`,
  ]
  const root = makeDirectory({ 'api-paste.ini': '', 'millrace.conf': SSL + lines.join('\n') })
  return { root, load: () => loadConfig({ files: [], dirs: [], sets: [], cwd: root }) }
}

describe.skipIf(!HAS_OPENSSL)('the files of an API that speaks TLS (needs the program openssl)', () => {
  it.each<Options>([{}, { cert: 'both.pem' }, { ca: 'both.pem' }, { ciphers: 'HIGH:!aNULL' }])('%j can be used', (options) => {
    expect(given(options).load().apis).toMatchObject([{ ssl: true, wsgi: { ssl_cert_file: made.path(options.cert ?? 'one.pem') } }])
  })

  it.each<[Options, RegExp]>([
    [{ key: 'other.key' }, /conf:6: \[wsgi:compute\] ssl_key_file: the TLS options cannot be used: the key is not that of the certificate/],
    [{ key: 'one.pem' }, /conf:6: \[wsgi:compute\] ssl_key_file: the TLS options cannot be used: .*expected a file with a private key/],
    [{ key: 'locked.key' }, /conf:6: \[wsgi:compute\] ssl_key_file: the TLS options cannot be used: .*without passphrase/],
    [{ cert: 'one.key' }, /conf:5: \[wsgi:compute\] ssl_cert_file: the TLS options cannot be used: .*there is no certificate in it/],
    [{ cert: 'garbage.pem' }, /conf:5: \[wsgi:compute\] ssl_cert_file: the TLS options cannot be used: /],
    [{ cert: 'weak.pem', key: 'weak.key' }, /conf:5: \[wsgi:compute\] ssl_cert_file: the TLS options cannot be used: .*key too small/],
    [{ ca: 'garbage.pem' }, /conf:7: \[wsgi:compute\] ssl_ca_file: the TLS options cannot be used: /],
    [{ ca: '.' }, /conf:7: \[wsgi:compute\] ssl_ca_file: the TLS options cannot be used: .*EISDIR/],
    [{ ciphers: 'NONE-SUCH' }, /conf:8: \[wsgi:compute\] ssl_ciphers: the TLS options cannot be used: .*no cipher match.*got "NONE-SUCH"; expected/],
  ])('%j is an error at its option', (options, message) => {
    const { root, load } = given(options)
    const text = configErrorOf(load, root)
    expect(text).toMatch(message)
    expect(text.split('\n')).toHaveLength(1)
  })

  it('are all told about at once', () => {
    const { root, load } = given({ cert: 'garbage.pem', key: 'nowhere.key', ca: 'one.key', ciphers: 'NONE-SUCH' })
    expect(configErrorOf(load, root).split('\n').map((line) => /\] (\w+):/.exec(line)?.[1])).toEqual([
      'ssl_cert_file', 'ssl_ca_file', 'ssl_key_file', 'ssl_ciphers',
    ])
  })
})
