import { describe, expect } from 'vitest'
import { HAS_PROCFS } from '../../support/procfs.ts'
import { Bystander, test } from '../../support/swarm.ts'
import { Victim } from './victim.ts'

describe.skipIf(!HAS_PROCFS)('the log under a flood (needs /proc)', () => {
  test('2,000 bad requests at log_level = debug: ten lines a second and how many more there were, and they add up', async ({ makeSite, makeSwarm }) => {
    const victim = await Victim.serve(makeSite, { DEFAULT: { log_level: 'debug' } })
    const bystander = await Bystander.arrive(victim.port)
    for (let round = 0; round < 8; round++) {
      const swarm = await makeSwarm(250, victim.port)
      await swarm.send('GET /\x1b[31m\x07 HTTP/1.1\r\n{"event":"forged"}\r\n\r\n').ended()
      swarm.close()
    }
    const refused = (): { lines: number; more: number } => {
      const all = victim.server.log('request.refused')
      const sums = all.filter(({ more }) => more !== undefined)
      return { lines: all.length - sums.length, more: sums.reduce((sum, { more }) => sum + Number(more), 0) }
    }
    await victim.seen(() => refused().lines + refused().more === 2000)
    expect(refused().lines).toBeLessThan(1000)
    const output = victim.server.output.join('\n')
    for (const forged of ['\u001b', '\u0007', 'forged']) expect(output).not.toContain(forged)
    expect(Object.keys(await bystander.leave())).toEqual(['200'])
  })
})
