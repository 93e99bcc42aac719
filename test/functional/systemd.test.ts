import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { describe, expect, onTestFinished, vi } from 'vitest'
import { DEFAULT_OPTIONS } from '../../src/config/default-options.ts'
import { WSGI_OPTIONS } from '../../src/config/wsgi-options.ts'
import { DatagramReceiver } from '../support/datagram-receiver.ts'
import { HAS_PROCFS } from '../support/procfs.ts'
import { RawClient } from '../support/raw-client.ts'
import { test } from '../support/site.ts'

const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url))
const UNITS = fileURLToPath(new URL('../../examples/', import.meta.url))
const HAS_ANALYZE = spawnSync('systemd-analyze', ['--version']).status === 0

/** Of the example, as systemd reads it: the last one counts. */
function setting(name: string): string | undefined {
  return [...readFileSync(join(UNITS, 'millrace.service'), 'utf8').matchAll(new RegExp(`^${name}=(.*)$`, 'gm'))].at(-1)?.[1]
}

function defaultOf(name: string): number {
  return Number([...DEFAULT_OPTIONS, ...WSGI_OPTIONS].find((option) => option.name === name)?.default)
}

describe('the units in examples/', () => {
  test('leave time for what the default options allow', () => {
    expect(Number(setting('TimeoutStopSec'))).toBeGreaterThan(defaultOf('graceful_shutdown_timeout') + defaultOf('drain_delay'))
    expect(Number(setting('WatchdogSec'))).toBeGreaterThan(defaultOf('worker_timeout'))
  })

  test.skipIf(!HAS_ANALYZE)('are read by systemd without a complaint', () => {
    const directory = mkdtempSync(join(tmpdir(), 'millrace-'))
    onTestFinished(() => rmSync(directory, { recursive: true }))
    // Older than 253 it does not know this type, and no other complaint is hidden by leaving it out.
    const service = readFileSync(join(UNITS, 'millrace.service'), 'utf8').replace(/^Type=notify-reload$/m, 'Type=notify')
    writeFileSync(join(directory, 'millrace.service'), service)
    writeFileSync(join(directory, 'millrace.socket'), readFileSync(join(UNITS, 'millrace.socket')))
    const { stderr } = spawnSync('systemd-analyze', ['verify', 'millrace.socket', 'millrace.service'], { cwd: directory, encoding: 'utf8' })
    expect(stderr.split('\n').filter((line) => line.includes('millrace'))).toEqual([])
  })
})

/** The next message that begins with this assignment, whatever comes before it. */
async function told(manager: DatagramReceiver, assignment: string): Promise<string> {
  for (;;) {
    const message = await manager.next()
    if (message.split('\n')[0] === assignment) return message
  }
}

describe.each([['in workers', []], ['in one process', ['--workers', '0']]])('the service manager, %s,', (_, args: string[]) => {
  test('is told when every API serves, what it serves, and that it stops', async ({ makeSite }) => {
    const manager = new DatagramReceiver()
    vi.stubEnv('NOTIFY_SOCKET', manager.path)
    onTestFinished(() => void vi.unstubAllEnvs())
    const server = await makeSite({ apis: { compute: 'probe.js' } }).serve(...args)
    expect(await told(manager, 'READY=1')).toMatch(/^STATUS=compute/m)
    server.signal('SIGTERM')
    expect(await told(manager, 'STOPPING=1')).toMatch(/^EXTEND_TIMEOUT_USEC=\d+$/m)
    expect(await server.exited()).toBe(0)
  })

  test('is told of a reload with its time, and when it is over', async ({ makeSite }) => {
    const manager = new DatagramReceiver()
    vi.stubEnv('NOTIFY_SOCKET', manager.path)
    onTestFinished(() => void vi.unstubAllEnvs())
    const server = await makeSite({ apis: { compute: 'probe.js' } }).serve(...args)
    await told(manager, 'READY=1')
    server.signal('SIGHUP')
    expect(await told(manager, 'RELOADING=1')).toMatch(/^MONOTONIC_USEC=\d+$/m)
    await told(manager, 'READY=1')
  })
})

async function bound(place: string | { port: number; host: string }): Promise<Server> {
  const server = createServer().listen(place as string)
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  return server
}

/** `millrace serve` with these sockets, as systemd starts it: from 3 on, and with the pid of who gets them. */
function activate(cwd: string, sockets: Readonly<Record<string, Server>>, ...args: string[]): ChildProcess {
  const fds = Object.values(sockets).map((server) => (server as Server & { _handle: { fd: number } })._handle.fd)
  const env = { ...process.env, LISTEN_FDS: String(fds.length), LISTEN_FDNAMES: Object.keys(sockets).join(':') }
  const command = ['-c', 'LISTEN_PID=$$ exec "$@"', 'sh', process.execPath, CLI, 'serve', ...args]
  const child = spawn('sh', command, { cwd, env, stdio: ['ignore', 'pipe', 'pipe', ...fds] })
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}

async function readyLine(child: ChildProcess): Promise<{ apis: { api: string; port: number; host: string }[] }> {
  for await (const line of createInterface({ input: child.stdout! })) {
    if (line.includes('"event":"ready"')) return JSON.parse(line) as Awaited<ReturnType<typeof readyLine>>
  }
  throw new Error('it ended before it was ready')
}

describe.skipIf(!HAS_PROCFS)('sockets that systemd has bound', () => {
  test.for([['in workers', []], ['in one process', ['--workers', '0']]] as const)('are served %s, and stay when the server ends', async ([, args], { makeSite }) => {
    const site = makeSite({ apis: { compute: 'probe.js', metadata: 'probe.js' } })
    const path = site.path('metadata.sock')
    const sockets = { compute: await bound({ port: 0, host: '127.0.0.1' }), metadata: await bound(path) }
    const { port } = sockets.compute.address() as AddressInfo
    const child = activate(site.dir, sockets, ...args)
    expect((await readyLine(child)).apis).toMatchObject([{ api: 'compute', host: '127.0.0.1', port }, { api: 'metadata', host: `unix:${path}`, port: 0 }])
    // This process has them too, and is not to be the one that accepts.
    sockets.compute.close()
    const client = await RawClient.connect({ host: '127.0.0.1', port })
    expect((await client.ask('GET', '/pid')).body).toMatch(/^\d+$/)
    client.close()
    child.kill('SIGTERM')
    expect(await once(child, 'exit')).toEqual([0, null])
    expect(existsSync(path)).toBe(true)
  })

  test('that belong to no API are an error in the configuration', async ({ makeSite }) => {
    const child = activate(makeSite({ apis: { compute: 'probe.js' } }).dir, { compte: await bound({ port: 0, host: '127.0.0.1' }) })
    let stderr = ''
    child.stderr!.setEncoding('utf8').on('data', (text: string) => (stderr += text))
    expect(await once(child, 'close')).toEqual([2, null])
    expect(stderr).toContain('FileDescriptorName: the socket passed as file descriptor 3 belongs to no enabled API (got "compte"; expected the name of an enabled API: compute)')
  })
})
