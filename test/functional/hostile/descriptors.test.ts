import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { descriptorsOf, HAS_PROCFS } from '../../support/procfs.ts'
import { RawClient } from '../../support/raw-client.ts'
import { Bystander, test } from '../../support/swarm.ts'
import { Victim } from './victim.ts'

const LIMIT = 64
const node = process.execPath
const dir = mkdtempSync(join(tmpdir(), 'millrace-limited-'))

/** What this file starts has few descriptors, as from an operator who has few to give. Lowered later, Node would not know. */
beforeAll(() => {
  process.execPath = join(dir, 'node')
  writeFileSync(process.execPath, `#!/bin/sh\nulimit -n ${LIMIT}\nexec '${node}' "$@"\n`, { mode: 0o755 })
})
afterAll(() => {
  process.execPath = node
  rmSync(dir, { recursive: true })
})

async function served(port: number): Promise<void> {
  const client = await RawClient.connect(port)
  expect((await client.ask('GET', '/pid')).status).toBe(200)
  client.close()
}

describe.skipIf(!HAS_PROCFS)(`with ${LIMIT} file descriptors and 200 more connections than they are enough for (needs /proc)`, { concurrent: true }, () => {
  test('one process serves those it has, does not spin, says so in the log, and serves new ones when some are closed', async ({ makeSite, makeSwarm }) => {
    const victim = await Victim.serve(makeSite)
    const before = await victim.descriptors()
    const bystander = await Bystander.arrive(victim.port, { fresh: false })
    const swarm = await makeSwarm(200 + LIMIT, victim.port)
    expect(await victim.server.line('accept.failed')).toMatchObject({ level: 'error', err: { message: expect.stringContaining('no file descriptor') } })
    await victim.descriptors((count) => count >= LIMIT)
    expect(await victim.busy()).toBeLessThan(0.5)
    swarm.close()
    expect(Object.keys(await bystander.leave())).toEqual(['200'])
    await victim.descriptors((count) => count === before)
    await served(victim.port)
  })

  test('a worker serves those it has, does not spin, it is said in the log, and new ones are served when some are closed', async ({ makeSite, makeSwarm }) => {
    const victim = await Victim.serve(makeSite, { worker: true })
    const { server, port } = victim
    const before = await victim.descriptors()
    const primary = descriptorsOf(server.pid)
    const bystander = await Bystander.arrive(port, { fresh: false })
    const swarm = await makeSwarm(200 + LIMIT, port)
    await victim.descriptors((count) => count >= LIMIT)
    // Whose of the two is written is a matter of which was exhausted first: a flood has ten lines a second.
    expect(await server.line('accept.failed')).toMatchObject({ level: 'error', err: { message: expect.stringMatching(/no file descriptor/) } })
    expect(await victim.busy()).toBeLessThan(0.5)
    swarm.close()
    expect(Object.keys(await bystander.leave())).toEqual(['200'])
    await victim.descriptors((count) => count === before && descriptorsOf(server.pid) === primary)
    await served(port)
    expect(server.log('worker.exited')).toEqual([])
  })
})
