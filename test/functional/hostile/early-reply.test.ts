import { describe, expect } from 'vitest'
import { HAS_PROCFS } from '../../support/procfs.ts'
import { RawClient } from '../../support/raw-client.ts'
import { Bystander, test } from '../../support/swarm.ts'
import { Victim } from './victim.ts'

function post(path: string, length: number, ...fields: string[]): string {
  return [`POST ${path} HTTP/1.1`, 'Host: a', `Content-Length: ${length}`, ...fields, '', ''].join('\r\n')
}

const CHUNKED = 'POST /early HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n'
const CHUNK = `10000\r\n${'x'.repeat(65_536)}\r\n`

describe.skipIf(!HAS_PROCFS)('an answer before the body (needs /proc)', { concurrent: true }, () => {
  test('50 clients that send 2 MB to an app that does not read it: each can read its 200, then is closed (RFC 9112 §9.6)', async ({ makeSite, makeSwarm }) => {
    const victim = await Victim.serve(makeSite)
    const before = await victim.descriptors()
    const bystander = await Bystander.arrive(victim.port)
    const swarm = await makeSwarm(50, victim.port)
    swarm.send(post('/early', 2_000_000) + 'x'.repeat(2_000_000))
    expect(await swarm.ended()).toEqual({ '200 closed': 50 })
    for (const { text } of swarm.members) expect(text).toMatch(/connection: close\r\n\r\nearly$/)
    expect(Object.keys(await bystander.leave())).toEqual(['200'])
    await victim.descriptors((count) => count === before)
  })

  test('a body of max_discard that nobody reads is read away and the connection kept; one octet more closes it (RFC 9112 §9.3)', async ({ makeSite }) => {
    const victim = await Victim.serve(makeSite, { options: { max_discard: 300_000 } })
    const client = await RawClient.connect(victim.port)
    for (const length of [300_000, 300_000, 300_001]) client.write(post('/early', length) + 'x'.repeat(length))
    const answers = await client.responses(3)
    expect(answers.map(({ status, headers }) => [status, headers['connection']])).toEqual([[200, 'keep-alive'], [200, 'keep-alive'], [200, 'close']])
    expect((await client.ended()).rest).toBe('')
  })

  test('a body without end that nobody reads: 20 clients have their 200, and are closed behind max_discard', async ({ makeSite, makeSwarm }) => {
    const victim = await Victim.serve(makeSite, { options: { linger_timeout: 1 } })
    const before = await victim.descriptors()
    const bystander = await Bystander.arrive(victim.port)
    const swarm = await makeSwarm(20, victim.port)
    swarm.send(CHUNKED)
    await swarm.answered()
    // They go on until they are not taken any more: a client that knows nothing of half-closed connections.
    for (const { socket } of swarm.members) socket.on('drain', () => socket.write(CHUNK)).write(CHUNK.repeat(20))
    await swarm.ended()
    for (const { text, statuses } of swarm.members) {
      expect(statuses).toEqual([200])
      expect(text).toContain('connection: keep-alive')
    }
    expect(Object.keys(await bystander.leave())).toEqual(['200'])
    await victim.descriptors((count) => count === before)
  })

  test('no 100 (Continue) is sent for a body nobody reads, and 50 clients that waited for it are closed behind their 200 (RFC 9110 §10.1.1)', async ({ makeSite, makeSwarm }) => {
    const victim = await Victim.serve(makeSite)
    const bystander = await Bystander.arrive(victim.port)
    const swarm = await makeSwarm(50, victim.port)
    swarm.send(post('/early', 2_000_000, 'Expect: 100-continue'))
    expect(await swarm.ended()).toEqual({ '200 closed': 50 })
    expect(Object.keys(await bystander.leave())).toEqual(['200'])
  })
})
