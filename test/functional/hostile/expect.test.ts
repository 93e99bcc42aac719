import { describe, expect } from 'vitest'
import { HAS_PROCFS } from '../../support/procfs.ts'
import { Bystander, test } from '../../support/swarm.ts'
import { Victim } from './victim.ts'

describe.skipIf(!HAS_PROCFS)('Expect: 100-continue (needs /proc)', () => {
  test('of 1,000 clients that never send the body: each gets 100, then 408 at body_timeout, and the end (RFC 9110 §10.1.1)', async ({ makeSite, makeSwarm }) => {
    const victim = await Victim.serve(makeSite, { options: { body_timeout: 1, default_pool_size: 2000 } })
    const before = await victim.descriptors()
    const bystander = await Bystander.arrive(victim.port)
    const swarm = await makeSwarm(1000, victim.port)
    swarm.send('POST /read HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\nExpect: 100-continue\r\n\r\n')
    expect(await swarm.ended()).toEqual({ '100 408 closed': 1000 })
    expect(await victim.seen()).toMatchObject({ begun: 1000, bodyErrors: 1000, whole: 0 })
    expect(Object.keys(await bystander.leave())).toEqual(['200'])
    await victim.descriptors((count) => count === before)
  })
})
