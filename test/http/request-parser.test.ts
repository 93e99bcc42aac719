import { describe, expect, it } from 'vitest'
import { RequestParser } from '../../src/http/request-parser.ts'
import {
  chunkedRequest,
  defaultLimits,
  octets,
  readPieces,
  readThreeWays,
  refusalOf,
  requestWith,
} from '../support/http-cases.ts'

function get(target: string): string {
  return `GET ${target} HTTP/1.1\r\nHost: a.example\r\n\r\n`
}

describe('pipelined requests (RFC 9112 §9.3.2)', () => {
  it('are read in order', () => {
    const targets = Array.from({ length: 50 }, (_, index) => `/${index}`)
    expect(readThreeWays(targets.map(get).join(''))).toMatchObject(targets.map((target) => ({ target })))
  })

  it('are read behind bodies of both kinds', () => {
    const input = requestWith(['Content-Length: 5'], 'hello') + get('/b') + chunkedRequest('5\r\nworld\r\n0\r\n\r\n') + get('/d')
    expect(readThreeWays(input)).toMatchObject([
      { method: 'POST' },
      { body: 'hello', ended: true },
      { target: '/b' },
      { method: 'POST' },
      { body: 'world', ended: true },
      { target: '/d' },
    ])
  })

  it('are not made of what stands in a body', () => {
    const evil = get('/evil')
    const events = readThreeWays(requestWith([`Content-Length: ${evil.length}`], evil))
    expect(events).toMatchObject([{ target: '/' }, { body: evil, ended: true }])
  })

  it('are taken as far as they are good', () => {
    expect(readThreeWays(`${get('/a')}${get('/b')}GET / HTTP/1.1 \r\n\r\n${get('/c')}`)).toMatchObject([
      { target: '/a' },
      { target: '/b' },
      { refused: 'badRequestLine' },
    ])
  })

  it('§9.3: what is too much of a body is the next request', () => {
    expect(refusalOf(requestWith(['Content-Length: 0'], '!\x01GET / HTTP/1.1'))).toBe('badRequestLine')
    const events = readThreeWays(requestWith(['Content-Length: 0'], 'X') + get('/2'))
    expect(events).toMatchObject([{ target: '/' }, { method: 'XGET', target: '/2' }])
  })

  it('larger than what is decoded at once are read whole', () => {
    const fields = [`X: ${'x'.repeat(15_000)}`, `Y: ${'y'.repeat(15_000)}`]
    const targets = ['/a', '/b', '/c']
    const input = targets.map((target) => requestWith(fields, '', `GET ${target} HTTP/1.1`)).join('')
    expect(readPieces([octets(input)])).toMatchObject(targets.map((target) => ({ target })))
  })

  it('leave the octets of a large body to it', () => {
    const body = 'b'.repeat(100_000)
    expect(readPieces([octets(get('/a') + requestWith(['Content-Length: 100000'], body) + get('/c'))])).toMatchObject([
      { target: '/a' },
      { target: '/' },
      { body, ended: true },
      { target: '/c' },
    ])
  })
})

describe('a parser', () => {
  it('tells when a head has begun', () => {
    const parser = new RequestParser(defaultLimits)
    expect(parser.nextHead()).toBe('more')
    expect(parser.headBegun).toBe(false)
    parser.feed(octets('GET / HTTP/1.1\r\n'))
    expect(parser.nextHead()).toBe('more')
    expect(parser.headBegun).toBe(true)
    parser.feed(octets('Host: a.example\r\n\r\n'))
    expect(parser.nextHead()).toMatchObject({ type: 'head' })
    expect(parser.nextHead()).toBe('more')
    expect(parser.headBegun).toBe(false)
  })

  it('gives of a body what has come, and is in it until its end was read', () => {
    const parser = new RequestParser(defaultLimits)
    parser.feed(octets(requestWith(['Content-Length: 5'], 'he')))
    parser.nextHead()
    expect(parser.nextBody()).toEqual(octets('he'))
    expect(parser.nextBody()).toBe('more')
    parser.feed(octets('lloGET'))
    expect(parser.nextBody()).toEqual(octets('llo'))
    expect(parser.nextBody()).toBe('end')
    expect(parser.nextHead()).toBe('more')
    expect(parser.headBegun).toBe(true)
  })

  it.each([
    ['a body behind a head', [requestWith(['Content-Length: 3'], 'abc')]],
    ['a body by itself', [requestWith(['Content-Length: 3']), 'abc']],
    ['a body in pieces', [requestWith(['Content-Length: 3']), 'a', 'bc']],
  ])('gives the octets of %s as they came, though the socket has read others into its buffer since', (_what, parts) => {
    const lent = Buffer.alloc(1000)
    const parser = new RequestParser(defaultLimits)
    const pieces: Buffer[] = []
    for (const [index, part] of parts.entries()) {
      parser.feed(lent, lent.write(part, 'latin1'))
      if (index === 0) parser.nextHead()
      for (let piece = parser.nextBody(); piece instanceof Buffer; piece = parser.nextBody()) pieces.push(piece)
      parser.keep()
      lent.fill('?')
    }
    expect(Buffer.concat(pieces).toString()).toBe('abc')
  })

  it('reads the requests behind an unanswered one from what it has kept', () => {
    const lent = Buffer.alloc(1000)
    const parser = new RequestParser(defaultLimits)
    parser.feed(lent, lent.write(requestWith([]) + requestWith(['Content-Length: 3'], 'abc').slice(0, -1), 'latin1'))
    parser.nextHead()
    parser.keep()
    lent.fill('?')
    expect(parser.nextHead()).toMatchObject({ contentLength: 3 })
    expect(parser.nextBody()).toEqual(octets('ab'))
  })
})
