import { describe } from 'vitest'
import { HAS_PROCFS } from '../../support/procfs.ts'
import { test } from './siege.ts'

const GET = 'GET /pid HTTP/1.1\r\nHost: api.example\r\n\r\n'
const REQUESTS = 10_000

describe.skipIf(!HAS_PROCFS).concurrent('requests sent ahead, their answers unread (RFC 9112 §9.3.2)', () => {
  test('10,000 on each of 20 connections take less than 100 MB, and each is answered when the client reads at last', async ({ besiege, expect }) => {
    const siege = await besiege()
    const memory = siege.watchMemory()
    const swarm = await siege.attack(20, { unread: true })
    swarm.send(GET.repeat(REQUESTS))
    const witness = await siege.attack(1)
    await witness.send(GET).answered()
    swarm.read()
    const oneAnswer = witness.members[0]!.octets
    await swarm.until(({ octets }) => octets === REQUESTS * oneAnswer)
    expect(memory()).toBeLessThan(100)
    expect(await siege.lift()).toEqual({ 200: expect.any(Number) })
  })

  test('of 100 MB the server reads no more than it can answer: it stops, and write_timeout cuts the connection', async ({ besiege, expect }) => {
    const siege = await besiege({ wsgi: { write_timeout: 2 } })
    const memory = siege.watchMemory()
    const swarm = await siege.attack(4, { unread: true })
    swarm.pour(Buffer.from(GET.repeat(1000)), 100_000_000)
    await siege.timedOut(4, 'write_timeout')
    expect(memory()).toBeLessThan(100)
    expect(Math.max(...swarm.members.map(({ poured }) => poured))).toBeLessThan(50_000_000)
    await swarm.read().ended()
    expect(await siege.lift()).toEqual({ 200: expect.any(Number) })
  })
})
