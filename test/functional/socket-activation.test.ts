import { spawn, spawnSync, type ChildProcess, type StdioOptions } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer, type NetConnectOpts, type Server, type AddressInfo, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { HAS_PROCFS } from '../support/procfs.ts'

const PROGRAM = fileURLToPath(new URL('../fixtures/programs/activated.mjs', import.meta.url))
const HAS_ACTIVATE = spawnSync('systemd-socket-activate', ['--version']).status === 0
const HAS_SS = spawnSync('ss', ['-V']).status === 0

interface Told {
  readonly sockets: unknown
  readonly labels: readonly string[]
  /** Variables of the protocol that a child would get. */
  readonly left: readonly string[]
}

function start(command: string, args: readonly string[], { stdio = [], env = {} }: { stdio?: StdioOptions[number][]; env?: Record<string, string> } = {}): ChildProcess {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe', ...(stdio as never[])], env: { ...process.env, ...env } })
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}

async function told(child: ChildProcess): Promise<Told> {
  const [line] = (await once(createInterface({ input: child.stdout! }), 'line')) as [string]
  return JSON.parse(line) as Told
}

async function greeting(to: NetConnectOpts): Promise<string> {
  const socket = connect(to).setEncoding('utf8')
  const [text] = (await once(socket, 'data')) as [string]
  socket.destroy()
  return text.trim()
}

/** Ends it as an operator would, and resolves with its exit code. */
async function end(child: ChildProcess): Promise<number | null> {
  child.stdin!.end()
  const [code] = (await once(child, 'exit')) as [number | null]
  return code
}

function socketPath(): string {
  const directory = mkdtempSync(join(tmpdir(), 'millrace-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  return join(directory, 'api.sock')
}

async function bound(place: string | { port: number; host: string }): Promise<Server> {
  const server = createServer().listen(place as string)
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  return server
}

/** Hands these sockets down as systemd does: from 3 on, with the pid of who gets them. */
function activate(servers: readonly Server[], names: string, ...apis: string[]): ChildProcess {
  const stdio = servers.map((server) => (server as Server & { _handle: { fd: number } })._handle.fd)
  const env = { LISTEN_FDS: String(servers.length), LISTEN_FDNAMES: names }
  return start('sh', ['-c', 'LISTEN_PID=$$ exec "$@"', 'sh', process.execPath, PROGRAM, ...apis], { stdio, env })
}

test.skipIf(!HAS_PROCFS)('sockets that were bound by another process are listened on, with the backlog of ours', async () => {
  const path = socketPath()
  const servers = [await bound({ port: 0, host: '127.0.0.1' }), await bound(path)]
  const { port } = servers[0]!.address() as AddressInfo
  const child = activate(servers, 'compute:metadata', 'compute', 'metadata')
  expect(await told(child)).toEqual({
    sockets: [{ fd: 3, name: 'compute' }, { fd: 4, name: 'metadata' }],
    labels: [`127.0.0.1:${port}`, `unix:${path}`],
    left: [],
  })
  if (HAS_SS) expect(spawnSync('ss', ['-Hltn', `sport = :${port}`], { encoding: 'utf8' }).stdout).toMatch(/^LISTEN +0 +77 /)
  // This process has them as well: it must not be the one that accepts.
  for (const server of servers) server.close()
  expect(await greeting({ port, host: '127.0.0.1' })).toBe(`compute 127.0.0.1:${port}`)
  expect(await end(child)).toBe(0)
})

test('a unix socket stays when the listener closes: it is its maker\'s to remove', async () => {
  const path = socketPath()
  const child = activate([await bound(path)], 'compute', 'compute')
  await told(child)
  expect(await end(child)).toBe(0)
  expect(existsSync(path)).toBe(true)
})

test('a connected socket cannot be listened on, which is a clear error', async () => {
  const server = await bound({ port: 0, host: '127.0.0.1' })
  const client = connect({ host: '127.0.0.1', port: (server.address() as AddressInfo).port })
  await once(client, 'connect')
  onTestFinished(() => void client.destroy())
  const { fd } = (client as Socket & { _handle: { fd: number } })._handle
  const child = start('sh', ['-c', 'LISTEN_PID=$$ exec "$@"', 'sh', process.execPath, PROGRAM, 'compute'], { stdio: [fd], env: { LISTEN_FDS: '1', LISTEN_FDNAMES: 'compute' } })
  let stderr = ''
  child.stderr!.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  await once(child, 'close')
  expect(stderr).toContain('file descriptor 3 is not a stream socket that listens: listen EINVAL')
})

test.skipIf(!HAS_ACTIVATE || !HAS_PROCFS)('systemd-socket-activate hands them over, and the connection that started the program is served', async () => {
  const path = socketPath()
  const child = start('systemd-socket-activate', ['-l', path, '--fdname=compute', process.execPath, PROGRAM, 'compute', 'metadata'])
  const asked = whenThere(child).then(() => greeting({ path }))
  expect(await told(child)).toEqual({ sockets: [{ fd: 3, name: 'compute' }], labels: [`unix:${path}`], left: [] })
  expect(await asked).toBe(`compute unix:${path}`)
  expect(await end(child)).toBe(0)
  expect(existsSync(path)).toBe(true)
})

/** It says so on standard error when it listens. */
async function whenThere(child: ChildProcess): Promise<void> {
  const lines = createInterface({ input: child.stderr! })
  for await (const line of lines) if (line.startsWith('Listening on ')) return
}
