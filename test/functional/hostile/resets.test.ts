import { describe, expect } from 'vitest'
import { descriptorsOf, HAS_PROCFS } from '../../support/procfs.ts'
import { Bystander, type Swarm, test } from '../../support/swarm.ts'
import { Victim } from './victim.ts'

const HEAD = 'POST /read?q=1 HTTP/1.1\r\nHost: api.example\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n'
/** Chunks of one and of several octets, an extension, a quoted one, a trailer: each boundary there is (RFC 9112 §7.1). */
const BODY = '1\r\na\r\n5;x=y\r\nbcdef\r\n3;q="\\"z"\r\nghi\r\n0\r\nX-Trailer: t\r\n\r\n'
const REQUEST = HEAD + BODY
/** Those who have sent at least the head, of all beginnings of the request. */
const BEGUN = REQUEST.length - HEAD.length

/** One client for each beginning of the request, from none of it to all but the last octet; each has sent its own. */
function sendBeginnings({ members }: Swarm): void {
  for (const [length, { socket }] of members.entries()) if (length > 0) socket.write(REQUEST.slice(0, length), 'latin1')
}

describe.skipIf(!HAS_PROCFS)('clients that break off (needs /proc)', { concurrent: true }, () => {
  test('1,000 that reset in the middle of 10 MB: each request is aborted, each stream ended, no descriptor left behind', async ({ makeSite, makeSwarm }) => {
    const victim = await Victim.serve(makeSite, { worker: true })
    const before = await victim.descriptors()
    const primary = descriptorsOf(victim.server.pid)
    const bystander = await Bystander.arrive(victim.port)
    for (let round = 1; round <= 25; round++) {
      // Read, all 10 MB may be in the kernel's buffers before the reset is there.
      const swarm = await makeSwarm(40, victim.port, { unread: true })
      swarm.send('GET /stream/160 HTTP/1.1\r\nHost: a\r\n\r\n')
      await victim.seen(({ begun }) => begun === 40 * round)
      swarm.close()
    }
    expect(await victim.seen(({ destroyed }) => destroyed === 1000)).toMatchObject({ begun: 1000, aborted: 1000 })
    expect(Object.keys(await bystander.leave())).toEqual(['200'])
    await victim.descriptors((count) => count === before)
    expect(descriptorsOf(victim.server.pid)).toBe(primary)
    expect(victim.server.log('worker.exited')).toEqual([])
  })

  test(`RST after each of the ${REQUEST.length} beginnings of a request: the app never takes one for the whole, and nothing spins`, async ({ makeSite, makeSwarm }) => {
    const victim = await Victim.serve(makeSite)
    const before = await victim.descriptors()
    const bystander = await Bystander.arrive(victim.port)
    const swarm = await makeSwarm(REQUEST.length, victim.port)
    sendBeginnings(swarm)
    await victim.seen(({ begun }) => begun === BEGUN)
    swarm.close()
    expect(await victim.seen(({ bodyErrors }) => bodyErrors === BEGUN)).toMatchObject({ begun: BEGUN, aborted: BEGUN, whole: 0 })
    expect(await victim.busy()).toBeLessThan(0.5)
    expect(Object.keys(await bystander.leave())).toEqual(['200'])
    await victim.descriptors((count) => count === before)
  })

  test(`FIN after each of the ${REQUEST.length} beginnings of a request: 400, never a short body, and nothing spins (RFC 9112 §8)`, async ({ makeSite, makeSwarm }) => {
    const victim = await Victim.serve(makeSite)
    const before = await victim.descriptors()
    const bystander = await Bystander.arrive(victim.port)
    const swarm = await makeSwarm(REQUEST.length, { host: '127.0.0.1', port: victim.port, allowHalfOpen: true })
    sendBeginnings(swarm)
    for (const { socket } of swarm.members) socket.end()
    // Who sent nothing is owed nothing.
    expect(await swarm.ended()).toEqual({ closed: 1, '400 closed': REQUEST.length - 1 })
    expect(await victim.seen(({ bodyErrors }) => bodyErrors === BEGUN)).toMatchObject({ begun: BEGUN, whole: 0 })
    expect(await victim.busy()).toBeLessThan(0.5)
    expect(Object.keys(await bystander.leave())).toEqual(['200'])
    await victim.descriptors((count) => count === before)
  })

  test(`FIN after each of the ${BEGUN} beginnings of a body the app does not read: nothing spins, each gets the app's answer`, async ({ makeSite, makeSwarm }) => {
    const victim = await Victim.serve(makeSite)
    const bystander = await Bystander.arrive(victim.port)
    const swarm = await makeSwarm(BEGUN, { host: '127.0.0.1', port: victim.port, allowHalfOpen: true })
    for (const [length, { socket }] of swarm.members.entries()) socket.end(REQUEST.slice(0, HEAD.length + length).replace('/read', '/wait'), 'latin1')
    await victim.inCloseWait(BEGUN)
    await victim.seen(({ begun }) => begun === BEGUN)
    expect(await victim.busy()).toBeLessThan(0.5)
    await victim.open()
    expect(await swarm.ended()).toEqual({ '200 closed': BEGUN })
    await victim.noneInCloseWait()
    expect(Object.keys(await bystander.leave())).toEqual(['200'])
  })
})
