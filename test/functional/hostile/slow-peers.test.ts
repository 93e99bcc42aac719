import { describe } from 'vitest'
import { HAS_PROCFS } from '../../support/procfs.ts'
import { RawClient } from '../../support/raw-client.ts'
import type { Swarm } from '../../support/swarm.ts'
import { test } from './siege.ts'

// A rate means nothing before ten seconds of waiting. What has to do with one is here, so that all of it waits at the same time.

const BY_LENGTH = 'POST /length HTTP/1.1\r\nHost: api.example\r\nContent-Length: 1000000\r\n\r\n'
const CHUNKED = 'POST /length HTTP/1.1\r\nHost: api.example\r\nTransfer-Encoding: chunked\r\n\r\n'
const NEVER_READ = 'POST /ignore HTTP/1.1\r\nHost: api.example\r\nContent-Length: 1000000\r\n\r\n'
const BLOB = 'GET /blob HTTP/1.1\r\nHost: api.example\r\n\r\n'
const STREAM = 'GET /stream HTTP/1.1\r\nHost: api.example\r\n\r\n'

interface Case {
  readonly what: string
  readonly head: string
  readonly body: string
  readonly fate: string
}

const CASES: readonly Case[] = [
  { what: 'a body of 1 MB', head: BY_LENGTH, body: 'x', fate: '408 closed' },
  { what: 'chunks of one octet', head: CHUNKED, body: '1\r\nx\r\n', fate: '408 closed' },
  // The answer is out already: nothing is left to say.
  { what: 'a body the app does not read', head: NEVER_READ, body: 'x', fate: '200 closed' },
]

describe.concurrent('a slow body', () => {
  test.for(CASES)('200 connections that send $what an octet at a time end in $fate by min_body_rate', async ({ head, body, fate }, { besiege, expect }) => {
    const siege = await besiege()
    const swarm = await siege.attack(200)
    expect(await swarm.send(head).drip(body, 400).ended()).toEqual({ [fate]: 200 })
    await siege.timedOut(200, 'min_body_rate')
    expect(await siege.lift()).toEqual({ 200: expect.any(Number) })
  })

  test.for(CASES)('200 connections that stop in the middle of $what end in $fate by body_timeout', async ({ head, body, fate }, { besiege, expect }) => {
    const siege = await besiege({ wsgi: { body_timeout: 2 } })
    const swarm = await siege.attack(200)
    expect(await swarm.send(head + body).ended()).toEqual({ [fate]: 200 })
    await siege.timedOut(200, 'body_timeout')
    expect(await siege.lift()).toEqual({ 200: expect.any(Number) })
  })
})

/** The most that any of them got. What the kernel buffers at both ends of a connection is well below 20 MB. */
function mostOctets({ members }: Swarm): number {
  return Math.max(...members.map(({ octets }) => octets))
}

describe.skipIf(!HAS_PROCFS).concurrent('a client that does not read', () => {
  test('10 clients that read a stream of 50 MB without a pause, but too slowly, are cut by min_write_rate', async ({ besiege, expect }) => {
    const siege = await besiege({ wsgi: { min_write_rate: 10_000_000 } })
    const swarm = await siege.attack(10, { unread: true })
    swarm.send(STREAM).sip(40)
    await siege.timedOut(10, 'min_write_rate')
    await swarm.ended()
    expect(mostOctets(swarm)).toBeLessThan(50_000_000)
    expect(await siege.lift()).toEqual({ 200: expect.any(Number) })
  })

  test('200 replies of 20 MB nobody reads take less than 100 MB together, and are cut by write_timeout', async ({ besiege, expect }) => {
    const siege = await besiege({ wsgi: { write_timeout: 2 } })
    const memory = siege.watchMemory()
    const swarm = await siege.attack(200, { unread: true })
    swarm.send(BLOB)
    await siege.timedOut(200, 'write_timeout')
    expect(memory()).toBeLessThan(100)
    await swarm.read().ended()
    expect(mostOctets(swarm)).toBeLessThan(20_000_000)
    expect(await siege.lift()).toEqual({ 200: expect.any(Number) })
  })

  test('50 streams of 50 MB nobody reads stop their producers, and let them go when write_timeout cuts them', async ({ besiege, expect }) => {
    const siege = await besiege({ wsgi: { write_timeout: 2 } })
    const memory = siege.watchMemory()
    const swarm = await siege.attack(50, { unread: true })
    swarm.send(STREAM)
    await siege.timedOut(50, 'write_timeout')
    expect(memory()).toBeLessThan(300)
    const client = await RawClient.connect(siege.port)
    const { opened, pulled, closed } = JSON.parse((await client.ask('GET', '/streams')).body) as Record<'opened' | 'pulled' | 'closed', number>
    client.close()
    expect({ opened, closed }).toEqual({ opened: 50, closed: 50 })
    expect(pulled).toBeLessThan(50 * 20_000_000)
    await swarm.read().ended()
    expect(mostOctets(swarm)).toBeLessThan(20_000_000)
    expect(await siege.lift()).toEqual({ 200: expect.any(Number) })
  })
})
