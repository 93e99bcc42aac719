import { describe, expect } from 'vitest'
import { HAS_PROCFS, memoryOf } from '../../support/procfs.ts'
import { Bystander, test } from '../../support/swarm.ts'
import { Victim } from './victim.ts'

/** A colour, a bell and a forged line: what a log must not pass on. */
const FORGERY = 'GET /\x1b[31m\x07 HTTP/1.1\r\n{"event":"forged"}\r\n\r\n'
const BAD = ['garbage\r\n\r\n', 'GET / HTTP/1.1\r\n\r\n', 'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n', FORGERY]

describe.skipIf(!HAS_PROCFS)('bad requests (needs /proc)', () => {
  test('10,000 of them: each is answered 400 and closed, costs no memory for good, and no line in the log', { timeout: 60_000 }, async ({ makeSite, makeSwarm }) => {
    const victim = await Victim.serve(makeSite)
    const before = await victim.descriptors()
    const bystander = await Bystander.arrive(victim.port)
    const { length: lines } = victim.server.output
    let warm = 0
    for (let round = 0; round < 40; round++) {
      if (round === 10) warm = memoryOf(victim.pid).now
      const swarm = await makeSwarm(250, victim.port)
      swarm.send(BAD[round % BAD.length]!)
      expect(await swarm.ended()).toEqual({ '400 closed': 250 })
      swarm.close()
    }
    expect(memoryOf(victim.pid).now - warm).toBeLessThan(48)
    expect(victim.server.output.length).toBe(lines)
    expect(await victim.seen()).toMatchObject({ begun: 0 })
    expect(Object.keys(await bystander.leave())).toEqual(['200'])
    await victim.descriptors((count) => count === before)
  })
})
