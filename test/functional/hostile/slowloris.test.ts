import { expect } from 'vitest'
import { HAS_PROCFS } from '../../support/procfs.ts'
import { PATIENT, test } from './siege.ts'

test.skipIf(!HAS_PROCFS)(
  '1000 connections that send a header octet by octet are answered 408 and closed at headers_timeout, which octets do not extend',
  async ({ besiege }) => {
    const siege = await besiege({ wsgi: { headers_timeout: 2 } })
    const memory = siege.watchMemory()
    const swarm = await siege.attack(1000)
    swarm.send('GET /pid HTTP/1.1\r\nHost: api.example\r\nX-Endless: ').drip('a', 400)
    expect(await swarm.ended()).toEqual({ '408 closed': 1000 })
    expect(memory()).toBeLessThan(100)
    expect(await siege.lift()).toEqual({ 200: expect.any(Number) })
    await expect.poll(() => siege.descriptors, PATIENT).toBeLessThanOrEqual(0)
    await siege.timedOut(1000, 'headers_timeout')
    expect(siege.server.log('connection.timeout')[0]).toMatchObject({ api: 'api', deadline: 'headers_timeout' })
  },
)
