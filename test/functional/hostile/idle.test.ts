import { describe, vi } from 'vitest'
import { HAS_PROCFS } from '../../support/procfs.ts'
import { PATIENT, test } from './siege.ts'

const GET = 'GET /pid HTTP/1.1\r\nHost: api.example\r\n\r\n'

describe.concurrent('idle connections', () => {
  test.skipIf(!HAS_PROCFS)('1000 connections that send nothing are closed without an answer after keepalive_timeout, and leave nothing behind', async ({ besiege, expect }) => {
    const siege = await besiege({ wsgi: { keepalive_timeout: 2 }, kept: false })
    const memory = siege.watchMemory()
    const swarm = await siege.attack(1000)
    expect(await swarm.ended()).toEqual({ closed: 1000 })
    expect(memory()).toBeLessThan(60)
    expect(await siege.lift()).toEqual({ 200: expect.any(Number) })
    await vi.waitFor(() => expect(siege.descriptors).toBeLessThanOrEqual(0), PATIENT)
  })

  test('1000 connections idle after one request each are closed after keepalive_timeout', async ({ besiege, expect }) => {
    const siege = await besiege({ wsgi: { keepalive_timeout: 2 }, kept: false })
    const swarm = await siege.attack(1000, { first: GET })
    expect(await swarm.ended()).toEqual({ '200 closed': 1000 })
    expect(await siege.lift()).toEqual({ 200: expect.any(Number) })
  })

  test.skipIf(!HAS_PROCFS)('5000 connections idle after one request each cost less than 16 KiB each, and others are served', async ({ besiege, expect }) => {
    const siege = await besiege({ workers: 'none', wsgi: { max_connections: 6000 } })
    const memory = siege.watchMemory()
    const swarm = await siege.attack(5000)
    expect(await swarm.send(GET).answered()).toEqual({ '200 open': 5000 })
    expect(siege.descriptors).toBeGreaterThanOrEqual(5000)
    expect(memory() * 1024 / 5000).toBeLessThan(16)
    expect(await siege.lift()).toEqual({ 200: expect.any(Number) })
    await vi.waitFor(() => expect(siege.descriptors).toBeLessThanOrEqual(0), PATIENT)
  })

  test('at max_connections those idle longest are dropped first: 100 newcomers cost the 100 oldest of 200 their place', async ({ makeSite, makeSwarm, expect }) => {
    const server = await makeSite({ apis: { api: 'heavy.js' }, conf: { wsgi: { max_connections: 200, access_log: false } } }).serve()
    const older = await makeSwarm(100, server.port('api'))
    await older.send(GET).answered()
    const newer = await makeSwarm(100, server.port('api'))
    await newer.send(GET).answered()
    const newcomers = await makeSwarm(100, server.port('api'))
    expect(await newcomers.send(GET).answered()).toEqual({ '200 open': 100 })
    expect(await older.ended()).toEqual({ '200 closed': 100 })
    expect(newer.fates()).toEqual({ '200 open': 100 })
  })
})
