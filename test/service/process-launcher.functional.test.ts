import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, test } from 'vitest'

const FIXTURE = fileURLToPath(new URL('../fixtures/apps/launcher-primary.mjs', import.meta.url))

interface Line {
  readonly event: string
  readonly from: number
  readonly [field: string]: unknown
}

/** A launcher in a process of its own, and what it says. */
class RunningLauncher {
  readonly child: ChildProcess
  readonly lines: Line[] = []
  readonly exited: Promise<unknown[]>
  /** Every process of the launcher has our pipe: its end is theirs. */
  readonly allEnded: Promise<unknown>
  #heard: () => void = () => undefined

  constructor(apis: readonly string[]) {
    this.child = spawn(process.execPath, [FIXTURE, ...apis], { stdio: ['ignore', 'pipe', 'inherit'] })
    this.exited = once(this.child, 'exit')
    const reader = createInterface({ input: this.child.stdout! })
    this.allEnded = once(reader, 'close')
    reader.on('line', (line) => {
      this.lines.push(JSON.parse(line) as Line)
      this.#heard()
    })
  }

  async line(event: string, matches: (line: Line) => boolean = () => true): Promise<Line> {
    for (;;) {
      const found = this.lines.find((line) => line.event === event && matches(line))
      if (found !== undefined) return found
      await new Promise<void>((resolve) => (this.#heard = resolve))
    }
  }

  async ports(): Promise<Record<string, number>> {
    return (await this.line('ready'))['ports'] as Record<string, number>
  }

  pids(api: string): number[] {
    return this.lines.filter((line) => line.event === 'worker.started' && line['api'] === api).map((line) => Number(line['pid']))
  }

  /** Of workers not known to have exited. */
  livePids(): number[] {
    const exited = new Set(this.lines.filter((line) => line.event === 'worker.exited').map((line) => line['pid']))
    return this.lines.filter((line) => line.event === 'worker.started' && !exited.has(line['pid'])).map((line) => Number(line['pid']))
  }
}

let running: RunningLauncher | undefined

function launch(...apis: string[]): RunningLauncher {
  running = new RunningLauncher(apis)
  return running
}

afterEach(async () => {
  // The primary first: it would replace them.
  running?.child.kill('SIGKILL')
  for (const pid of running?.livePids() ?? []) kill(pid)
  await running?.allEnded
  running = undefined
})

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It ended with its primary.
  }
}

/** All the server says, until it closes. */
async function readAll(socket: Socket): Promise<string> {
  let answer = ''
  socket.setEncoding('latin1').on('data', (text: string) => (answer += text))
  await once(socket, 'end')
  return answer
}

async function ask(port: number): Promise<string> {
  return readAll(connect(port, '127.0.0.1'))
}

async function open(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  return socket
}

/** A connection that is with the one worker of `hold` for certain: a later one has been answered. */
async function openHeld(port: number): Promise<Socket> {
  const socket = await open(port)
  const later = await open(port)
  later.write('x')
  await readAll(later)
  return socket
}

test('a worker killed while connections come refuses nobody and is replaced', async () => {
  const launcher = launch('greet=2')
  const { greet } = await launcher.ports()
  const [first] = launcher.pids('greet')
  const answers = []
  for (let i = 0; i < 300; i++) {
    answers.push(ask(greet!))
    if (i === 100) process.kill(first!, 'SIGKILL')
    if (i % 10 === 0) await answers.at(-1)
  }
  for (const answer of await Promise.all(answers)) expect(answer).toMatch(/^(\d+\n)+$/)
  const exit = await launcher.line('worker.exited')
  expect(exit).toMatchObject({ pid: first, code: null, signal: 'SIGKILL', expected: false })
  await launcher.line('worker.ready', (line) => line['pid'] === launcher.pids('greet')[2])
  launcher.child.kill('SIGTERM')
  expect(await launcher.exited).toEqual([0, null])
  await launcher.allEnded
})

test('connections spread over the workers of an API, and each API has its own', async () => {
  const launcher = launch('greet=2', 'hold=1')
  const { greet, hold } = await launcher.ports()
  const pids = new Set<number>()
  for (let i = 0; i < 10; i++) pids.add(Number(await ask(greet!)))
  expect(pids).toEqual(new Set(launcher.pids('greet')))
  const socket = await open(hold!)
  socket.write('x')
  expect(Number(await readAll(socket))).toBe(launcher.pids('hold')[0])
})

test('TERM lets a request in flight finish, takes no new connection, and exits with 0', async () => {
  const launcher = launch('hold=1', 'greet=1')
  const { hold } = await launcher.ports()
  const socket = await open(hold!)
  launcher.child.kill('SIGTERM')
  await launcher.line('worker.exited', (line) => line['api'] === 'greet')
  await expect(ask(hold!)).rejects.toThrow('ECONNREFUSED')
  socket.write('x')
  expect(Number(await readAll(socket))).toBe(launcher.pids('hold')[0])
  expect(await launcher.exited).toEqual([0, null])
  expect(await launcher.line('stopped')).toMatchObject({ code: 0, cut: 0 })
})

test('connections the kernel has completed when TERM comes are all answered', async () => {
  const launcher = launch('greet=2')
  const { greet } = await launcher.ports()
  const sockets = await Promise.all(Array.from({ length: 100 }, () => open(greet!)))
  launcher.child.kill('SIGTERM')
  for (const answer of await Promise.all(sockets.map(readAll))) expect(answer).toMatch(/^\d+\n$/)
  expect(await launcher.exited).toEqual([0, null])
})

test('a second TERM ends everything at once with 1', async () => {
  const launcher = launch('hold=1')
  const { hold } = await launcher.ports()
  const socket = await openHeld(hold!)
  const closed = once(socket, 'close')
  launcher.child.kill('SIGTERM')
  await launcher.line('stopping')
  launcher.child.kill('SIGTERM')
  expect(await launcher.exited).toEqual([1, null])
  await launcher.allEnded
  await closed
})

test('INT ends everything at once with 1', async () => {
  const launcher = launch('greet=2')
  await launcher.ports()
  launcher.child.kill('SIGINT')
  expect(await launcher.exited).toEqual([1, null])
  expect(await launcher.line('signal.caught')).toMatchObject({ signal: 'SIGINT', action: 'instantaneous exiting' })
  await launcher.allEnded
})

test('TERM to a worker lets it finish while another has taken its place', async () => {
  const launcher = launch('hold=1')
  const { hold } = await launcher.ports()
  const [first] = launcher.pids('hold')
  const socket = await openHeld(hold!)
  process.kill(first!, 'SIGTERM')
  await launcher.line('worker.ready', (line) => line['pid'] !== first)
  const later = await open(hold!)
  later.write('x')
  expect(Number(await readAll(later))).toBe(launcher.pids('hold')[1])
  socket.write('x')
  expect(Number(await readAll(socket))).toBe(first)
  expect(await launcher.line('worker.exited')).toMatchObject({ pid: first, code: 0, expected: true })
})

test('workers whose primary was killed finish what they have and end', async () => {
  const launcher = launch('hold=1', 'greet=2')
  const { hold } = await launcher.ports()
  const socket = await openHeld(hold!)
  launcher.child.kill('SIGKILL')
  await launcher.line('parent.died', (line) => line['api'] === 'hold')
  socket.write('x')
  expect(Number(await readAll(socket))).toBe(launcher.pids('hold')[0])
  await launcher.allEnded
})

test('an API that cannot start ends the launcher with 1 and the error of the worker', async () => {
  const launcher = launch('greet=1', 'broken=2')
  const failure = await launcher.line('start failed')
  expect(failure).toMatchObject({ name: 'TypeError', message: 'the app is broken' })
  expect(failure['stack']).toContain('launcher-primary.mjs')
  expect(await launcher.exited).toEqual([1, null])
  await launcher.allEnded
})
