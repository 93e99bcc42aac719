import process from 'node:process'
import { Pool } from 'undici'
import { expect } from 'vitest'
import { HAS_PROCFS, pageFaultsOf } from '../support/procfs.ts'
import { test } from '../support/site.ts'

const MEGABYTE = Buffer.alloc(2 ** 20, 'x')
const CONNECTIONS = 8

/** So many uploads of a megabyte, on eight connections at once, each read piece by piece. */
async function upload(pool: Pool, count: number): Promise<void> {
  const one = async (): Promise<void> => {
    const { statusCode, body } = await pool.request({ method: 'POST', path: '/read', body: MEGABYTE })
    await body.dump()
    expect(statusCode).toBe(200)
  }
  const many = async (): Promise<void> => {
    for (let left = count / CONNECTIONS; left > 0; left -= 1) await one()
  }
  await Promise.all(Array.from({ length: CONNECTIONS }, many))
}

/** What is kept is glibc's to keep. */
function hasGlibc(): boolean {
  const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } }
  return header.glibcVersionRuntime !== undefined
}

test.skipIf(!HAS_PROCFS || !hasGlibc()).for([['a worker', []], ['--workers 0', ['--workers', '0']]] as const)(
  'the pieces of 400 MB of uploads to %s are made of memory it has: fewer than five page faults for each MB',
  async ([, args], { makeSite }) => {
    const server = await makeSite({ apis: { api: 'witness.js' }, conf: { wsgi: { access_log: false } } }).serve(...args)
    const pool = new Pool(server.address('api').url, { connections: CONNECTIONS })
    const { body } = await pool.request({ method: 'GET', path: '/pid' })
    const pid = Number(await body.text())
    await upload(pool, 400)
    const before = pageFaultsOf(pid)
    await upload(pool, 400)
    expect((pageFaultsOf(pid) - before) / 400).toBeLessThan(5)
    await pool.close()
  },
)
