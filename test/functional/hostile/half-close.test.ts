import { describe, expect } from 'vitest'
import { HAS_PROCFS } from '../../support/procfs.ts'
import { Bystander, type Swarm, test } from '../../support/swarm.ts'
import { Victim } from './victim.ts'

const HALF_A_BODY = 'POST /read HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nfive!'

function target({ port }: Victim): { host: string; port: number; allowHalfOpen: true } {
  return { host: '127.0.0.1', port, allowHalfOpen: true }
}

function finish(swarm: Swarm): void {
  for (const { socket } of swarm.members) socket.end()
}

describe.skipIf(!HAS_PROCFS)('a FIN behind the request (needs /proc)', { concurrent: true }, () => {
  test('of 200 clients while the app works: each gets its answer and is closed, none stays in CLOSE_WAIT (RFC 9112 §9.6)', async ({ makeSite, makeSwarm }) => {
    const victim = await Victim.serve(makeSite)
    const before = await victim.descriptors()
    const bystander = await Bystander.arrive(victim.port)
    const swarm = await makeSwarm(200, target(victim))
    finish(swarm.send('GET /wait HTTP/1.1\r\nHost: a\r\n\r\n'))
    await victim.inCloseWait(200)
    expect(await victim.seen(({ begun }) => begun === 200)).toMatchObject({ aborted: 0 })
    expect(await victim.busy()).toBeLessThan(0.5)
    expect(swarm.fates()).toEqual({ open: 200 })
    await victim.open()
    expect(await swarm.ended()).toEqual({ '200 closed': 200 })
    await victim.noneInCloseWait()
    expect(await victim.seen()).toMatchObject({ begun: 200, aborted: 0 })
    expect(Object.keys(await bystander.leave())).toEqual(['200'])
    await victim.descriptors((count) => count === before)
  })

  test('of 200 clients in the middle of a body: each gets 400, the app an error, none stays in CLOSE_WAIT (RFC 9112 §8)', async ({ makeSite, makeSwarm }) => {
    const victim = await Victim.serve(makeSite)
    const before = await victim.descriptors()
    const bystander = await Bystander.arrive(victim.port)
    const swarm = await makeSwarm(200, target(victim))
    finish(swarm.send(HALF_A_BODY))
    expect(await swarm.ended()).toEqual({ '400 closed': 200 })
    expect(await victim.seen(({ bodyErrors }) => bodyErrors === 200)).toMatchObject({ begun: 200, whole: 0, octets: 1000 })
    await victim.noneInCloseWait()
    expect(Object.keys(await bystander.leave())).toEqual(['200'])
    await victim.descriptors((count) => count === before)
  })

  test('of 20 clients that then take nothing of 10 MB: each is cut by write_timeout and its stream ended', async ({ makeSite, makeSwarm }) => {
    const victim = await Victim.serve(makeSite, { options: { write_timeout: 1 } })
    const before = await victim.descriptors()
    const bystander = await Bystander.arrive(victim.port)
    const swarm = await makeSwarm(20, target(victim), { unread: true })
    finish(swarm.send('GET /stream/160 HTTP/1.1\r\nHost: a\r\n\r\n'))
    expect(await victim.seen(({ destroyed }) => destroyed === 20)).toMatchObject({ begun: 20, aborted: 20 })
    await victim.noneInCloseWait()
    expect(Object.keys(await bystander.leave())).toEqual(['200'])
    await victim.descriptors((count) => count === before)
  })
})
