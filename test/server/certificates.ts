import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** A certificate and its key, with where they were written. */
export interface Credentials {
  readonly cert: string
  readonly key: string
  readonly certFile: string
  readonly keyFile: string
}

interface Issuer {
  readonly name: string
  readonly privateKey: KeyObject
}

/** ecdsa-with-SHA256 (RFC 5758 §3.2) */
const ECDSA_SHA256 = sequence(Buffer.from('06082a8648ce3d040302', 'hex'))
/** id-at-commonName (RFC 5280 appendix A) */
const COMMON_NAME = Buffer.from('0603550403', 'hex')
/** basicConstraints, critical: a CA (RFC 5280 §4.2.1.9) */
const IS_CA = sequence(Buffer.from('0603551d13', 'hex'), Buffer.from('0101ff', 'hex'), der(0x04, sequence(Buffer.from('0101ff', 'hex'))))

let serial = 1

/**
 * An authority for tests, made without any program: X.509 is little more than a signed list (RFC 5280 §4.1). Writes PEM files into
 * `directory`; its own is `ca.pem`.
 */
export class TestAuthority {
  readonly caFile: string
  readonly ca: string
  readonly #directory: string
  readonly #issuer: Issuer

  constructor(directory: string) {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    this.#directory = directory
    this.#issuer = { name: 'Test Authority', privateKey }
    this.ca = certificate(this.#issuer.name, publicKey, this.#issuer, [IS_CA])
    this.caFile = this.#write('ca.pem', this.ca)
  }

  /** A certificate for this common name, which this authority signs. */
  issue(name: string): Credentials {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const cert = certificate(name, publicKey, this.#issuer, [])
    const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
    return { cert, key, certFile: this.#write(`${name}.pem`, cert), keyFile: this.#write(`${name}.key`, key) }
  }

  #write(name: string, text: string): string {
    const path = join(this.#directory, name)
    writeFileSync(path, text)
    return path
  }
}

/** RFC 5280 §4.1: valid from 2020 to 2049, which is as far as UTCTime goes. */
function certificate(subject: string, key: KeyObject, issuer: Issuer, extensions: Buffer[]): string {
  const version3 = der(0xa0, der(0x02, Buffer.of(2)))
  const validity = sequence(der(0x17, Buffer.from('200101000000Z')), der(0x17, Buffer.from('491231235959Z')))
  const number = der(0x02, Buffer.of(0x01, (serial += 1)))
  const tail = extensions.length === 0 ? [] : [der(0xa3, sequence(...extensions))]
  const spki = key.export({ type: 'spki', format: 'der' })
  const content = sequence(version3, number, ECDSA_SHA256, nameOf(issuer.name), validity, nameOf(subject), spki, ...tail)
  const signature = der(0x03, Buffer.concat([Buffer.of(0), sign('sha256', content, issuer.privateKey)]))
  const lines = sequence(content, ECDSA_SHA256, signature).toString('base64').match(/.{1,64}/g) ?? []
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n')
}

function nameOf(commonName: string): Buffer {
  return sequence(der(0x31, sequence(COMMON_NAME, der(0x0c, Buffer.from(commonName)))))
}

function sequence(...parts: Buffer[]): Buffer {
  return der(0x30, Buffer.concat(parts))
}

/** Tag, length, value (X.690 §8.1). */
function der(tag: number, value: Buffer): Buffer {
  const { length } = value
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.of(tag, ...size), value])
}
