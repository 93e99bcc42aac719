import { EventEmitter, once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished } from 'vitest'
import { top } from '../../src/cli/top.ts'
import { ControlServer } from '../../src/service/control-server.ts'
import { CliProcess } from '../support/cli.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { FakeOperations, makeProcess, makeReport, makeService, makeStatus } from '../support/fake-operations.ts'
import { test } from '../support/site.ts'

const LAUNCHER = fileURLToPath(new URL('../fixtures/apps/control-launcher.mjs', import.meta.url))
const ENTER = '\u001B[?1049h\u001B[?25l'
const LEAVE = '\u001B[?25h\u001B[?1049l'

class FakeTerminal {
  readonly modes: boolean[] = []
  readonly keyboard: PassThrough & { isTTY: boolean; setRawMode(mode: boolean): void }
  readonly output: FakeOutput

  constructor(isTTY: boolean, size: { rows?: number; columns?: number } = {}) {
    const setRawMode = (mode: boolean): void => void this.modes.push(mode)
    this.keyboard = Object.assign(new PassThrough(), { isTTY, setRawMode })
    this.output = Object.assign(new FakeOutput(), { isTTY }, size)
  }
}

class FakeOutput extends EventEmitter {
  text = ''

  write(text: string): boolean {
    this.text += text
    this.emit('written')
    return true
  }

  /** Resolves when the text from `from` on has this. */
  async has(wanted: string, from = 0): Promise<void> {
    while (!this.text.slice(from).includes(wanted)) await once(this, 'written')
  }
}

function withDone(done: number): FakeOperations['current'] {
  return makeStatus({ services: [makeService({ processes: [makeProcess({ report: makeReport({ done }) })] })] })
}

interface Started {
  readonly operations: FakeOperations
  readonly clock: FakeClock
  readonly terminal: FakeTerminal
  readonly server: ControlServer
  readonly path: string
  readonly done: Promise<number>
}

async function start(terminal: FakeTerminal): Promise<Started> {
  const directory = mkdtempSync(join(tmpdir(), 'millrace-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  const [path, operations, clock] = [join(directory, 'control'), new FakeOperations(), new FakeClock()]
  operations.current = withDone(100)
  const server = await ControlServer.open({ path, operations })
  onTestFinished(() => server.close())
  const done = top({ files: [], dirs: [], sets: [], socket: path }, 2, terminal, clock)
  return { operations, clock, terminal, server, path, done }
}

/** Time moves when it waits for that. */
async function tick({ clock }: Started): Promise<void> {
  await expect.poll(() => clock.pending).toBe(1)
  clock.advance(2000)
}

test('on a terminal it is drawn over, with requests a second, and q gives the terminal back', async () => {
  const started = await start(new FakeTerminal(true, { rows: 40, columns: 200 }))
  const { operations, terminal: { output, keyboard, modes } } = started
  await output.has('requests/s')
  expect(output.text.startsWith(`${ENTER}\u001B[Hlauncher 1: running`)).toBe(true)
  expect(output.text).toContain('  0     -\u001B[K')
  operations.current = withDone(125)
  const drawn = output.text.length
  await tick(started)
  await output.has('12.5\u001B[K', drawn)
  keyboard.write('xq')
  expect(await started.done).toBe(0)
  expect(output.text.endsWith(LEAVE)).toBe(true)
  expect(output.text.split(LEAVE)).toHaveLength(2)
  expect(modes).toEqual([true, false])
  expect(keyboard.listenerCount('data')).toBe(0)
  expect(started.clock.pending).toBe(0)
})

test.for(['Q', '\u0003', '\u0004'])('%j ends it as well', async (key) => {
  const { terminal: { output, keyboard }, done } = await start(new FakeTerminal(true))
  await output.has('launcher')
  keyboard.write(key)
  expect(await done).toBe(0)
})

test('what does not fit on the terminal is not shown', async () => {
  const { terminal: { output, keyboard }, done } = await start(new FakeTerminal(true, { rows: 3, columns: 10 }))
  await output.has('api')
  keyboard.write('q')
  await done
  expect(output.text).toBe(`${ENTER}\u001B[Hlauncher 1\u001B[K\r\n\u001B[K\r\napi      l\u001B[K\u001B[J${LEAVE}`)
})

test('a terminal that tells no size is taken for one of 24 lines of 80', async () => {
  const { terminal: { output, keyboard }, done } = await start(new FakeTerminal(true, { rows: 0, columns: 0 }))
  await output.has('launcher 1: running, up for 1 m 0 s')
  keyboard.write('q')
  await done
})

test('elsewhere it is one text after the other, and says when the launcher is gone and back', async () => {
  const started = await start(new FakeTerminal(false))
  const { terminal: { output, modes, keyboard }, server, path, operations } = started
  await output.has('0.5 s')
  await server.close()
  await tick(started)
  await output.has(`${path}: nobody listens there`)
  const again = await ControlServer.open({ path, operations })
  onTestFinished(() => again.close())
  const before = output.text.length
  await tick(started)
  await output.has('launcher 1: running', before)
  await expect.poll(() => started.clock.pending).toBe(1)
  output.emit('error', new Error('EPIPE'))
  expect(await started.done).toBe(0)
  expect(output.text).not.toContain('\u001B')
  expect(modes).toEqual([])
  expect(keyboard.listenerCount('data')).toBe(0)
})

test('an answer nobody can read ends it, with the terminal as it was', async () => {
  const started = await start(new FakeTerminal(true))
  const { terminal: { output, modes }, operations, done } = started
  await output.has('launcher')
  operations.current = {} as FakeOperations['current']
  const failed = expect(done).rejects.toThrow(TypeError)
  await tick(started)
  await failed
  expect(output.text.endsWith(LEAVE)).toBe(true)
  expect(modes).toEqual([true, false])
})

test('without a launcher at first there is nothing to show', async () => {
  const terminal = new FakeTerminal(true)
  await expect(top({ files: [], dirs: [], sets: [], socket: '/nowhere/control' }, 1, terminal)).rejects.toThrow('nobody listens there')
  expect(terminal.output.text).toBe('')
  expect(terminal.modes).toEqual([])
})

test.for(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('%s ends the real command with 0', async (signal, { makeSite, onTestFinished }) => {
  const site = makeSite()
  const launcher = new CliProcess([site.path('control')], site.dir, { file: LAUNCHER })
  onTestFinished(() => launcher.kill())
  await launcher.ready()
  const command = site.start('top', '--socket', 'control', '--interval', '0.1')
  await command.text(/ \d+\.\d$/)
  command.signal(signal)
  const { code, stderr, stdout } = await command.finished()
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toMatch(/requests\/s\ncompute .* -\n/)
})

test.runIf(existsSync('/usr/bin/script'))('a terminal is given back when the real command is told to end', async ({ makeSite, onTestFinished }) => {
  const site = makeSite()
  const launcher = new CliProcess([site.path('control')], site.dir, { file: LAUNCHER })
  onTestFinished(() => launcher.kill())
  await launcher.ready()
  const cli = fileURLToPath(new URL('../../dist/cli.js', import.meta.url))
  site.write('quits.sh', `exec '${process.execPath}' '${cli}' top --socket control --interval 0.1`)
  site.write('run.mjs', `
import { spawn } from 'node:child_process'
const child = spawn('/usr/bin/script', ['-qec', 'sh quits.sh; stty -a', '/dev/null'], { stdio: ['pipe', 'pipe', 'inherit'] })
let text = ''
child.stdout.on('data', (chunk) => {
  text += chunk
  if (text.includes('launcher') && !child.stdin.writableEnded) child.stdin.end('q')
})
child.on('close', () => console.log(JSON.stringify({ event: 'ended', text })))
`)
  const terminal = new CliProcess([], site.dir, { file: site.path('run.mjs') })
  onTestFinished(() => terminal.kill())
  const { text } = (await terminal.line('ended')) as unknown as { text: string }
  expect(text).toContain(ENTER)
  expect(text).toContain(LEAVE)
  expect(text).toMatch(/ icanon /)
  expect(text).toMatch(/ echo /)
})

test.for<[args: string[], hint: string]>([[['--interval', '0'], 'expected 0.1 seconds or more'], [['--interval', 'x'], 'expected a number of seconds']])('%j exits with 2', async ([args, hint], { makeSite }) => {
  const { code, stderr } = await makeSite().run('top', ...args)
  expect(code).toBe(2)
  expect(stderr).toContain(hint)
})
