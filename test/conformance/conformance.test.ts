import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../src/clock.ts'
import { Listener } from '../../src/server/listener.ts'
import { Server } from '../../src/server/server.ts'
import { echo } from '../fixtures/apps/echo.ts'
import { SETTINGS } from '../support/server-harness.ts'
import { readCases } from './case.ts'
import { judge } from './judge.ts'
import { runCase } from './run-case.ts'

const cases = readCases().map((one) => ({ ...one, name: `${one.id}: ${one.category}, ${one.level}` }))

let listener: Listener
let server: Server

beforeAll(async () => {
  listener = await Listener.bind({ host: '127.0.0.1', port: 0, backlog: 128, socketMode: 0o660 })
  const address = { address: '127.0.0.1', port: listener.port }
  server = new Server({ name: 'echo', app: echo, address, settings: SETTINGS, clock: systemClock })
  listener.onConnection((socket) => server.accept(socket))
})

afterAll(async () => {
  listener.close()
  server.stop()
  const stopped = server.wait()
  server.abort()
  await stopped
})

describe('over a real socket', () => {
  it.concurrent.each(cases)('$name', async (one) => {
    const outcome = await runCase(one, listener.port)
    expect(judge(one, outcome), `${one.source}; ${one.expect.note}`).toEqual([])
  })
})
