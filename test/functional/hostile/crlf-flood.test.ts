import { describe, expect } from 'vitest'
import { HAS_PROCFS, memoryOf } from '../../support/procfs.ts'
import { RawClient } from '../../support/raw-client.ts'
import { Bystander, test } from '../../support/swarm.ts'
import { Victim } from './victim.ts'

const FLOOD = '\r\n'.repeat(131_072)

describe.skipIf(!HAS_PROCFS)('empty lines before a request (needs /proc)', { concurrent: true }, () => {
  test('256 KB of them from each of 1,000 clients: 400 for the second line, the rest is thrown away unkept (RFC 9112 §2.2)', async ({ makeSite, makeSwarm }) => {
    const victim = await Victim.serve(makeSite)
    const before = await victim.descriptors()
    const bystander = await Bystander.arrive(victim.port)
    async function flood(rounds: number): Promise<number> {
      for (let round = 0; round < rounds; round++) {
        const swarm = await makeSwarm(200, victim.port)
        expect(await swarm.send(FLOOD).ended()).toEqual({ '400 closed': 200 })
      }
      return memoryOf(victim.pid).now
    }
    const warm = await flood(1)
    // 200 MB more.
    expect(await flood(4) - warm).toBeLessThan(64)
    expect(Object.keys(await bystander.leave())).toEqual(['200'])
    await victim.descriptors((count) => count === before)
  })

  test('one of them before each request is ignored, as some clients send it behind a body (RFC 9112 §2.2)', async ({ makeSite }) => {
    const victim = await Victim.serve(makeSite)
    const client = await RawClient.connect(victim.port)
    client.write('\r\nGET /pid HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(100))
    expect((await client.responses(100)).every(({ status }) => status === 200)).toBe(true)
    client.close()
  })
})
