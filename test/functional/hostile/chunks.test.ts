import { gzipSync } from 'node:zlib'
import { describe } from 'vitest'
import { HAS_PROCFS } from '../../support/procfs.ts'
import { test } from './siege.ts'

const CHUNKED = 'POST /length HTTP/1.1\r\nHost: api.example\r\nTransfer-Encoding: chunked\r\n\r\n'

interface Case {
  readonly what: string
  readonly begin: string
  readonly piece: string
  readonly octets: number
  readonly status: number
}

const CASES: readonly Case[] = [
  { what: 'a chunk extension of 64 KB', begin: '1;name=', piece: 'a'.repeat(65_536), octets: 65_536, status: 400 },
  { what: 'a chunk extension of 4 MB', begin: '1;name=', piece: 'a'.repeat(65_536), octets: 4_000_000, status: 400 },
  { what: '2000 chunks of one octet with extensions of 250 octets', begin: '', piece: `1;${'a'.repeat(249)}\r\nx\r\n`.repeat(10), octets: 2000 * 256, status: 413 },
  { what: 'a chunk size of 4 million zeros', begin: '', piece: '0'.repeat(65_536), octets: 4_000_000, status: 400 },
  { what: 'a chunk size of 4 million digits', begin: '', piece: 'f'.repeat(65_536), octets: 4_000_000, status: 400 },
  { what: 'a trailer of 100 KB', begin: '0\r\nX-Long: ', piece: 'a'.repeat(1024), octets: 102_400, status: 431 },
  { what: '50,000 trailers', begin: '0\r\n', piece: 'a:b\r\n'.repeat(500), octets: 250_000, status: 431 },
]

describe.concurrent('floods of chunks (RFC 9112 §7.1)', () => {
  test.for(CASES)('$what on 50 connections is answered $status, and the answer is not reset away', async ({ begin, piece, octets, status }, { besiege, expect }) => {
    const siege = await besiege()
    const swarm = await siege.attack(50)
    swarm.send(CHUNKED + begin).pour(Buffer.from(piece), octets)
    expect(await swarm.ended()).toEqual({ [`${status} closed`]: 50 })
    expect(await siege.lift()).toEqual({ 200: expect.any(Number) })
  })

  test.skipIf(!HAS_PROCFS)('4 bodies of 1 MiB in chunks of one octet, read whole, take less than 200 MB together', async ({ besiege, expect }) => {
    const siege = await besiege()
    const memory = siege.watchMemory()
    const swarm = await siege.attack(4)
    swarm.send(CHUNKED + '1\r\nx\r\n'.repeat(1_048_576) + '0\r\n\r\n')
    expect(await swarm.answered()).toEqual({ '200 open': 4 })
    expect(memory()).toBeLessThan(200)
    expect(await siege.lift()).toEqual({ 200: expect.any(Number) })
  })
})

describe.concurrent('compression', () => {
  test('gzip as a transfer coding is not decoded: 501 (RFC 9112 §6.1)', async ({ besiege, expect }) => {
    const siege = await besiege()
    const swarm = await siege.attack(50)
    swarm.send('POST /length HTTP/1.1\r\nHost: api.example\r\nTransfer-Encoding: gzip, chunked\r\n\r\n')
    expect(await swarm.ended()).toEqual({ '501 closed': 50 })
    expect(await siege.lift()).toEqual({ 200: expect.any(Number) })
  })

  test.skipIf(!HAS_PROCFS)('a gzip bomb of 100 MB as a content coding reaches the app as it came, 50 times at once', async ({ besiege, expect }) => {
    const siege = await besiege()
    const memory = siege.watchMemory()
    const bomb = gzipSync(Buffer.alloc(100_000_000))
    const swarm = await siege.attack(50)
    swarm.send(`POST /length HTTP/1.1\r\nHost: api.example\r\nContent-Encoding: gzip\r\nContent-Length: ${bomb.length}\r\n\r\n`).send(bomb)
    expect(await swarm.answered()).toEqual({ '200 open': 50 })
    expect(swarm.members[0]!.text).toMatch(new RegExp(`\r\n\r\n${bomb.length}$`))
    expect(memory()).toBeLessThan(100)
    expect(await siege.lift()).toEqual({ 200: expect.any(Number) })
  })
})
