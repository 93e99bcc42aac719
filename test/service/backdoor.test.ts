import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { connect, createServer, type AddressInfo, Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { systemClock } from '../../src/clock.ts'
import { ConfigError } from '../../src/errors.ts'
import { type Events, subscribe } from '../../src/events.ts'
import { type Backdoor, type BackdoorContext, startBackdoor } from '../../src/service/backdoor.ts'
import type { ServiceBase } from '../../src/service/service-base.ts'

class Marked {
  readonly mark: string = 'here'
}

const SERVICE: ServiceBase = {
  start: () => {},
  stop: () => {},
  wait: () => {},
  reset: () => {},
  inProgress: () => [{ id: 'req-1', what: 'GET /servers', seconds: 2, phase: 'waiting for the app' }],
}

function makeDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'millrace-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  return directory
}

function keep<N extends 'backdoor.listening' | 'backdoor.opened' | 'backdoor.warning'>(name: N): Events[N][] {
  const told: Events[N][] = []
  onTestFinished(subscribe(name, (event) => void told.push(event)))
  return told
}

async function open(conf: { socket?: string; port?: string }, context: BackdoorContext = {}): Promise<Backdoor> {
  const clock = { ...systemClock, setTimer: (run: () => void) => systemClock.setTimer(run, 1) }
  const backdoor = await startBackdoor({ backdoor_socket: conf.socket ?? null, backdoor_port: conf.port ?? null }, context, clock)
  if (backdoor === null) throw new Error('there is no backdoor')
  onTestFinished(() => backdoor.close())
  return backdoor
}

async function dial({ port }: Pick<Backdoor, 'port'>): Promise<Socket> {
  const socket = typeof port === 'string' ? connect(port) : connect(port, '127.0.0.1')
  onTestFinished(() => void socket.destroy())
  await once(socket, 'connect')
  return socket
}

/** All it answers to these lines, until it closes. */
async function ask(backdoor: Backdoor, ...lines: string[]): Promise<string> {
  const socket = await dial(backdoor)
  socket.end(`${lines.join('\n')}\n`)
  return rest(socket)
}

async function rest(socket: Socket): Promise<string> {
  let text = ''
  for await (const chunk of socket) text += String(chunk)
  return text
}

test('there is none unless it is asked for', async () => {
  expect(await startBackdoor({ backdoor_socket: null, backdoor_port: null })).toBe(null)
})

test('a unix socket is its owner\'s only, wins over the port, and is gone when it is closed', async () => {
  const listening = keep('backdoor.listening')
  const path = join(makeDirectory(), 'api.{pid}')
  const backdoor = await open({ socket: path, port: 'not a port' })
  const real = path.replace('{pid}', String(process.pid))
  expect(backdoor.port).toBe(real)
  expect(statSync(real).mode & 0o777).toBe(0o600)
  expect(listening).toEqual([{ where: real }])
  expect(await ask(backdoor, '1 + 1')).toContain('> 2\n')
  await backdoor.close()
  expect(existsSync(real)).toBe(false)
})

test('making it private leaves the process\'s own mask as it was', async () => {
  const before = process.umask()
  await open({ socket: join(makeDirectory(), 'api') })
  expect(process.umask()).toBe(before)
})

test.each<[what: string, name: string, real: string]>([
  ['doubled braces are single ones', 'a{{{pid}}}', `a{${process.pid}}`],
  ['no braces', 'plain', 'plain'],
])('the socket\'s name is a format: %s', async (_what, name, real) => {
  const warnings = keep('backdoor.warning')
  const directory = makeDirectory()
  expect((await open({ socket: join(directory, name) })).port).toBe(join(directory, real))
  expect(warnings).toEqual([])
})

test.each(['a{pod}', 'a{', 'a}', 'a{}'])('%s is no format: a warning, and it is taken as it stands', async (name) => {
  const warnings = keep('backdoor.warning')
  const path = join(makeDirectory(), name)
  expect((await open({ socket: path })).port).toBe(path)
  expect(warnings).toEqual([{ message: `Could not apply format string to backdoor socket path (${path}), continuing with unformatted path` }])
})

test('a socket that was left behind is replaced', async () => {
  const path = join(makeDirectory(), 'api')
  const former = await open({ socket: path })
  const backdoor = await open({ socket: path })
  expect(await ask(backdoor, '"new"')).toContain('new')
  await former.close()
})

test('a file of that name is left alone', async () => {
  const path = join(makeDirectory(), 'api')
  writeFileSync(path, 'precious')
  await expect(open({ socket: path })).rejects.toThrow(`The backdoor_socket ${path} exists already and is no socket`)
  expect(readFileSync(path, 'utf8')).toBe('precious')
})

test('a socket that cannot be made is an error', async () => {
  await expect(open({ socket: join(makeDirectory(), 'missing', 'api') })).rejects.toMatchObject({ code: expect.stringMatching(/EACCES|ENOENT/) })
})

test('port 0 is any port of this machine\'s own', async () => {
  const listening = keep('backdoor.listening')
  const { port } = await open({ port: '0' })
  expect(port).toBeGreaterThan(0)
  expect(listening).toEqual([{ where: `127.0.0.1:${port}` }])
})

/** A port somebody has, and then what may be free. */
async function takePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return (server.address() as AddressInfo).port
}

test('of a range the first free port is taken', async () => {
  const taken = await takePort()
  const { port } = await open({ port: `${taken}:${Math.min(taken + 50, 65_535)}` })
  expect(port).toBeGreaterThan(taken)
})

test.each([(port: number) => String(port), (port: number) => `${port}:${port}`])('no free port is an error', async (text) => {
  const port = text(await takePort())
  await expect(open({ port })).rejects.toThrow(`No port of backdoor_port ${port} is free`)
})

test.each(['', 'abc', '2:1', '1:', ':1', '1:2:3', '-1', '65536', '1:65536', '1.5'])('%j is no port: the operator\'s error', async (port) => {
  const opening = open({ port })
  await expect(opening).rejects.toBeInstanceOf(ConfigError)
  await expect(opening).rejects.toMatchObject({ problem: { section: 'DEFAULT', option: 'backdoor_port', message: `Invalid backdoor_port configuration ${port}` } })
})

test('the service, what else it is given, and the tools are there by name', async () => {
  const marked = [new Marked(), new Marked()]
  const backdoor = await open({ port: '0' }, { service: SERVICE, Marked, marked })
  const told = await ask(backdoor, 'requests()', 'fo(Marked)', 'marked.length', 'pgt()', 'mem()', 'loop()', 'service.start.name')
  expect(told).toContain("what: 'GET /servers'")
  expect(told.match(/Marked \{ mark: 'here' \}/g)).toHaveLength(2)
  expect(told).toMatch(/TCP(Server|Socket)Wrap: \d/)
  expect(told).toMatch(/heapUsed: [\d.]+/)
  expect(told).toMatch(/\{ mean: [\d.]+, p50: [\d.]+, p99: [\d.]+, max: [\d.]+, busy: [\d.]+ \}/)
  expect(told).toContain("'start'")
})

test('without a service nothing is in progress', async () => {
  expect(await ask(await open({ port: '0' }), 'requests()')).toBe('> []\n> ')
})

test('.help tells each tool', async () => {
  const help = await ask(await open({ port: '0' }), '.help')
  for (const name of ['service', 'fo(Class)', 'pgt()', 'mem()', 'heap(file)', 'prof(seconds, file)', 'loop()', 'requests()', 'exit()']) expect(help).toContain(name)
})

test('prof says where the time goes, and writes a profile when it is given a file', async () => {
  const backdoor = await open({ port: '0' })
  expect(await ask(backdoor, 'await prof()')).toMatch(/\d+\.\d %  /)
  const file = join(makeDirectory(), 'api.cpuprofile')
  await ask(backdoor, `await prof(1, ${JSON.stringify(file)})`)
  expect(JSON.parse(readFileSync(file, 'utf8'))).toHaveProperty('nodes')
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(await ask(backdoor, 'await prof(-1)')).toContain('prof() takes a number of seconds, not -1')
})

test('heap writes a snapshot for its owner only, and never over a file', async () => {
  const backdoor = await open({ port: '0' })
  const file = join(makeDirectory(), 'api.heapsnapshot')
  expect(await ask(backdoor, `await heap(${JSON.stringify(file)})`)).toContain(file)
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(readFileSync(file, 'utf8').slice(0, 20)).toContain('snapshot')
  writeFileSync(file, 'precious')
  expect(await ask(backdoor, `await heap(${JSON.stringify(file)})`)).toContain('EEXIST')
  expect(readFileSync(file, 'utf8')).toBe('precious')
})

test('heap names the file itself when nobody does', async () => {
  const before = process.cwd()
  const directory = makeDirectory()
  process.chdir(directory)
  onTestFinished(() => process.chdir(before))
  expect(await ask(await open({ port: '0' }), 'await heap()')).toMatch(/'millrace-\d+-\d+\.heapsnapshot'/)
  expect(readdirSync(directory)).toEqual([expect.stringMatching(/^millrace-\d+-\d+\.heapsnapshot$/)])
})

test.each(['exit()', 'quit()', '.exit'])('%s ends this connection and no other', async (text) => {
  const backdoor = await open({ port: '0' })
  const other = await dial(backdoor)
  const socket = await dial(backdoor)
  socket.write(`${text}\n`)
  await rest(socket)
  other.end('6 * 7\n')
  expect(await rest(other)).toContain('42')
})

test('what is thrown is told to who caused it, also later, and ends nothing', async () => {
  const backdoor = await open({ port: '0' })
  expect(await ask(backdoor, 'throw new Error("now")')).toContain('Uncaught Error: now')
  const socket = await dial(backdoor)
  socket.write('setImmediate(() => { throw new Error("later") })\n')
  let text = ''
  for await (const chunk of socket) {
    text += String(chunk)
    if (text.includes('Uncaught Error: later')) break
  }
  expect(await ask(backdoor, '"alive"')).toContain('alive')
})

test('whoever opens it is told of', async () => {
  const opened = keep('backdoor.opened')
  const backdoor = await open({ port: '0' })
  await ask(backdoor, '1')
  await ask(backdoor, '2')
  expect(opened).toEqual([1, 2].map(() => ({ where: `127.0.0.1:${backdoor.port}` })))
})

test('a connection that cannot be accepted is a warning', async () => {
  const warnings = keep('backdoor.warning')
  const servers: Server[] = []
  const { emit } = Server.prototype
  Server.prototype.emit = function (this: Server, event: string, ...args: unknown[]) {
    if (event === 'listening') servers.push(this)
    return Reflect.apply(emit, this, [event, ...args])
  } as typeof emit
  onTestFinished(() => void (Server.prototype.emit = emit))
  await open({ port: '0' })
  servers[0]!.emit('error', new Error('accept EMFILE'))
  expect(warnings).toEqual([{ message: 'The backdoor: accept EMFILE' }])
})

test('each connection has names of its own, and there are no colours', async () => {
  const backdoor = await open({ port: '0' })
  expect(await ask(backdoor, 'const mine = 1', '[mine]')).toBe('> > [ 1 ]\n> ')
  expect(await ask(backdoor, 'typeof mine')).toBe("> 'undefined'\n> ")
})

test('what a browser posts is not run', async () => {
  const backdoor = await open({ port: '0' }, { marked: [] })
  const socket = await dial(backdoor)
  socket.on('error', () => {}).resume()
  socket.write('POST / HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\nmarked.push(1)\n')
  await once(socket, 'close')
  expect(await ask(backdoor, 'marked.length')).toContain('> 0\n')
})

test('a client that resets its connection ends nothing', async () => {
  const backdoor = await open({ port: '0' })
  const socket = await dial(backdoor)
  socket.write('"x".repeat(1e6)\n')
  await once(socket, 'data')
  socket.resetAndDestroy()
  await once(socket, 'close')
  expect(await ask(backdoor, '"alive"')).toContain('alive')
})

test('closing it closes its connections', async () => {
  const backdoor = await open({ port: '0' })
  const socket = await dial(backdoor)
  const closed = once(socket.resume().on('error', () => {}), 'close')
  await backdoor.close()
  await closed
})
