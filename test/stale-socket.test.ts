import { once } from 'node:events'
import { existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { removeStaleSocket } from '../src/stale-socket.ts'
import { leaveStaleSocket } from './support/stale-socket.ts'

function place(): string {
  const directory = mkdtempSync(join(tmpdir(), 'millrace-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  return join(directory, 'api.sock')
}

test('a socket that nobody listens on is removed', async () => {
  const path = place()
  await leaveStaleSocket(path)
  expect(await removeStaleSocket(path)).toBe(true)
  expect(existsSync(path)).toBe(false)
})

test('one that somebody listens on stays', async () => {
  const path = place()
  const server = createServer((socket) => socket.end()).listen(path)
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  expect(await removeStaleSocket(path)).toBe(false)
  expect(existsSync(path)).toBe(true)
})

test('a plain file stays, although it refuses a connection as well', async () => {
  const path = place()
  writeFileSync(path, 'precious')
  expect(await removeStaleSocket(path)).toBe(false)
  expect(existsSync(path)).toBe(true)
})

test('where nothing is, there is nothing to remove', async () => {
  expect(await removeStaleSocket(place())).toBe(false)
})

test('a socket that took the place of the stale one meanwhile stays', async () => {
  const path = place()
  await leaveStaleSocket(`${path}.next`)
  await leaveStaleSocket(path)
  const removal = removeStaleSocket(path)
  renameSync(`${path}.next`, path)
  expect(await removal).toBe(false)
  expect(existsSync(path)).toBe(true)
})
