import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { pathOfUnixSocket } from '../../src/server/unix-path.ts'
import { HAS_PROCFS } from '../support/procfs.ts'

async function listenOn(path: string | { port: number; host: string }): Promise<number> {
  const server = createServer().listen(path)
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  return (server as Server & { _handle: { fd: number } })._handle.fd
}

test.skipIf(!HAS_PROCFS)('the path of a unix socket, with its blanks, is read from its file descriptor', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'mill race '))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  const path = join(directory, 'api.sock')
  expect(pathOfUnixSocket(await listenOn(path))).toBe(path)
})

test.skipIf(!HAS_PROCFS)('an abstract one is told with an @', async () => {
  const name = `millrace-test-${process.pid}`
  // Node fills the rest of such a name up with NULs, which are shown as @.
  expect(pathOfUnixSocket(await listenOn(`\0${name}`))).toMatch(new RegExp(`^@${name}@*$`))
})

test('any other has none', async () => {
  expect(pathOfUnixSocket(await listenOn({ port: 0, host: '127.0.0.1' }))).toBeNull()
  expect(pathOfUnixSocket(-1)).toBeNull()
})
