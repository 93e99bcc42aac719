import { expect } from 'vitest'
import { HAS_PROCFS, descriptorsOf } from '../../support/procfs.ts'
import { RawClient } from '../../support/raw-client.ts'
import { test } from '../../support/swarm.ts'
import { PATIENT } from './siege.ts'

const EXPECTING = 'POST /length HTTP/1.1\r\nHost: api.example\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n'

test('200 connections beyond max_connections are told 503 and closed; the 500 at work are served, and then there is room again', async ({ makeSite, makeSwarm }) => {
  const server = await makeSite({ apis: { api: 'heavy.js' }, conf: { wsgi: { max_connections: 500 } } }).serve()
  const served = await makeSwarm(500, server.port('api'))
  expect(await served.send(EXPECTING).answered()).toEqual({ '100 open': 500 })
  const flood = await makeSwarm(200, server.port('api'))
  expect(await flood.ended()).toEqual({ '503 closed': 200 })
  expect(flood.members[0]!.text).toMatch(/\r\nretry-after: 1\r\n/)
  expect(await served.send('abc').answered(2)).toEqual({ '100 200 open': 500 })
  served.close()
  await expect.poll(() => askAnew(server.port('api')), PATIENT).toBe(200)
})

async function askAnew(port: number): Promise<number> {
  const client = await RawClient.connect(port)
  const { status } = await client.ask('GET', '/pid')
  client.close()
  return status
}

test.skipIf(!HAS_PROCFS)('of 1000 connections beyond max_connections that do not close, no more than 256 are kept for linger_timeout', async ({ makeSite, makeSwarm }) => {
  const server = await makeSite({ apis: { api: 'heavy.js' }, conf: { wsgi: { max_connections: 1, linger_timeout: 60 } } }).serve()
  const port = server.port('api')
  const [pid] = server.workers('api')
  const before = descriptorsOf(pid!)
  const served = await makeSwarm(1, port)
  expect(await served.send(EXPECTING).answered()).toEqual({ '100 open': 1 })
  const flood = await makeSwarm(1000, { host: '127.0.0.1', port, allowHalfOpen: true })
  expect(await flood.ended()).toEqual({ '503 closed': 1000 })
  await expect.poll(() => descriptorsOf(pid!) - before, PATIENT).toBe(257)
  expect(await served.send('abc').answered(2)).toEqual({ '100 200 open': 1 })
})
