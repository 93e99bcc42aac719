import { describe, vi } from 'vitest'
import { HAS_PROCFS } from '../../support/procfs.ts'
import { PATIENT, test } from './siege.ts'

const HEAD = 'GET /pid HTTP/1.1\r\nHost: api.example\r\n'
const MEGABYTE = 1_000_000

interface Case {
  readonly what: string
  readonly begin: string
  /** Sent behind that, over and over, until so many octets have gone or the answer has come. */
  readonly piece: string
  readonly octets: number
  readonly status: number
}

const CASES: readonly Case[] = [
  { what: 'a field line of 64 KB', begin: `${HEAD}X-Long: `, piece: 'a'.repeat(65_536), octets: 65_536, status: 431 },
  { what: '100 fields of 1 KB', begin: HEAD, piece: `X-Field: ${'a'.repeat(1013)}\r\n`, octets: 100 * 1024, status: 431 },
  { what: '2500 fields of 5 octets', begin: HEAD, piece: 'a:b\r\n'.repeat(500), octets: 12_500, status: 431 },
  { what: '10,000 fields', begin: HEAD, piece: 'X-Field: value\r\n'.repeat(500), octets: 160_000, status: 431 },
  { what: 'a field line of 4 MB', begin: `${HEAD}X-Endless: `, piece: 'a'.repeat(65_536), octets: 4 * MEGABYTE, status: 431 },
  { what: 'a header section of 4 MB', begin: HEAD, piece: `X-Field: ${'a'.repeat(8000)}\r\n`, octets: 4 * MEGABYTE, status: 431 },
  { what: 'a request target of 4 MB', begin: 'GET /', piece: 'a'.repeat(65_536), octets: 4 * MEGABYTE, status: 414 },
]

describe.concurrent('too much of a header (RFC 6585 §5, RFC 9112 §3)', () => {
  test.for(CASES)('$what on 50 connections is answered $status, and the answer is not reset away', async ({ begin, piece, octets, status }, { besiege, expect }) => {
    const siege = await besiege()
    const swarm = await siege.attack(50)
    swarm.send(begin).pour(Buffer.from(piece), octets)
    expect(await swarm.ended()).toEqual({ [`${status} closed`]: 50 })
    expect(await siege.lift()).toEqual({ 200: expect.any(Number) })
  })

  test('a body of 10 MB where 1 MiB is the most is answered 413 while it is still being sent', async ({ besiege, expect }) => {
    const siege = await besiege()
    const swarm = await siege.attack(50)
    swarm.send('POST /length HTTP/1.1\r\nHost: api.example\r\nContent-Length: 10000000\r\n\r\n').pour(Buffer.alloc(65_536), 10 * MEGABYTE)
    expect(await swarm.ended()).toEqual({ '413 closed': 50 })
    expect(await siege.lift()).toEqual({ 200: expect.any(Number) })
  })

  test.skipIf(!HAS_PROCFS)('500 connections that stop short of the limit hold less than 256 KiB each', async ({ besiege, expect }) => {
    const siege = await besiege()
    const memory = siege.watchMemory()
    const swarm = await siege.attack(500)
    swarm.send(HEAD + `X-Field: ${'a'.repeat(15_000)}\r\n`.repeat(4) + 'X-Unfinished: ')
    const unsent = (): number => swarm.members.filter(({ socket }) => socket.writableLength > 0).length
    await vi.waitFor(() => expect(unsent()).toBe(0), PATIENT)
    // Who connects later is read later.
    const later = await siege.attack(1)
    await later.send(`${HEAD}\r\n`).answered()
    expect((memory() * 1024) / 500).toBeLessThan(256)
    expect(await swarm.send('\r\n\r\n').answered()).toEqual({ '200 open': 500 })
    expect(await siege.lift()).toEqual({ 200: expect.any(Number) })
  })
})
