import { describe, expect } from 'vitest'
import { HAS_PROCFS } from '../../support/procfs.ts'
import { Bystander, test } from '../../support/swarm.ts'
import { Victim } from './victim.ts'

/** RFC 9113 §3.4: the preface, and an empty SETTINGS frame behind it. */
const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0'
/** DATA frames as a client goes on that has looked at no answer. */
const FRAMES = `\0\x40\0\0\0\0\0\0\x01${'x'.repeat(16_384)}`.repeat(8)

describe.skipIf(!HAS_PROCFS)('an HTTP/2 preface (needs /proc)', { concurrent: true }, () => {
  test.for([
    { how: 'at once', parts: [PREFACE] },
    { how: 'in two pieces', parts: [PREFACE.slice(0, 7), PREFACE.slice(7)] },
    { how: 'followed by 128 KB of frames', parts: [PREFACE + FRAMES] },
  ])('of 200 clients, sent $how, is 505 and the end (RFC 9110 §15.6.6)', async ({ parts }, { makeSite, makeSwarm }) => {
    const victim = await Victim.serve(makeSite)
    const before = await victim.descriptors()
    const bystander = await Bystander.arrive(victim.port)
    const swarm = await makeSwarm(200, victim.port)
    for (const part of parts) {
      swarm.send(part)
      await victim.seen()
    }
    expect(await swarm.ended()).toEqual({ '505 closed': 200 })
    expect(await victim.seen()).toMatchObject({ begun: 0 })
    expect(Object.keys(await bystander.leave())).toEqual(['200'])
    await victim.descriptors((count) => count === before)
  })
})
