import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { expect, test as base } from 'vitest'
import { CliProcess } from '../support/cli.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const CHAPTER = readFileSync(join(ROOT, 'src/service/README.md'), 'utf8')

/** Any free port, and everything logged. */
const SETS = ['orders_listen_port=0', 'log_level=debug', 'log_options=false']

/** The chapter's files: each block behind a paragraph that begins with, or has, its name in bold. */
function filesOf(chapter: string): Map<string, string> {
  const blocks = chapter.matchAll(/\*\*`([\w.-]+)`\*\*(?:(?!```)[^])*?```(?:js|ini)\n([^]*?)```/g)
  return new Map([...blocks].map(([, name = '', text = '']) => [name, text]))
}

const FILES = filesOf(CHAPTER)

/** A folder with the chapter's program and the package, as npm would have put it there. */
class Program {
  readonly dir: string = mkdtempSync(join(tmpdir(), 'millrace-service-'))
  readonly #started: CliProcess[] = []

  constructor() {
    mkdirSync(join(this.dir, 'node_modules'))
    symlinkSync(ROOT, join(this.dir, 'node_modules/millrace'), 'dir')
    this.write('package.json', '{ "type": "module" }')
    for (const [name, text] of FILES) this.write(name, text)
  }

  write(name: string, text: string): void {
    writeFileSync(join(this.dir, name), text)
  }

  run(file: string, args: readonly string[], nodeOptions: readonly string[] = []): CliProcess {
    const started = new CliProcess(args, this.dir, { file, nodeOptions })
    this.#started.push(started)
    return started
  }

  /** Orders that are not delivered. */
  get spooled(): string[] {
    return readdirSync(join(this.dir, 'spool'))
  }

  async dispose(): Promise<void> {
    await Promise.all(this.#started.map((each) => each.kill()))
    rmSync(this.dir, { recursive: true })
  }
}

/** Where orders are delivered to: keeps each request open until the test answers it. */
class Receiver {
  readonly #server: Server = createServer()

  async url(): Promise<string> {
    await once(this.#server.listen(0, '127.0.0.1'), 'listening')
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`
  }

  async next(): Promise<{ message: string; answer: (status: number) => void }> {
    const [request, response] = (await once(this.#server, 'request')) as [IncomingMessage, ServerResponse]
    const message = (await request.setEncoding('utf8').toArray()).join('')
    return { message, answer: (status) => response.writeHead(status, { connection: 'close' }).end() }
  }

  close(): void {
    this.#server.close().closeAllConnections()
  }
}

const test = base.extend<{ program: Program; receiver: Receiver }>({
  program: async ({ onTestFinished }, use) => {
    const program = new Program()
    onTestFinished(() => program.dispose())
    await use(program)
  },
  receiver: async ({ onTestFinished }, use) => {
    const receiver = new Receiver()
    onTestFinished(() => receiver.close())
    await use(receiver)
  },
})

async function order(running: CliProcess, body: unknown): Promise<Response> {
  const { url } = running.address('orders')
  return fetch(`${url}orders`, { method: 'POST', body: JSON.stringify(body), headers: { connection: 'close' } })
}

test('the chapter has all files of its program', () => {
  expect([...FILES.keys()]).toEqual(['main.js', 'courier.js', 'spool.js', 'orders.js', 'api-paste.ini', 'millrace.conf', 'courier.test.js'])
})

test('its API takes an order, and its service delivers it', async ({ program, receiver }) => {
  const url = await receiver.url()
  const running = await program.run('main.js', SETS).ready()
  expect(running.log('ready')[0]).toMatchObject({ apis: [{ api: 'orders', workers: 2 }, { api: 'Courier', workers: 1 }] })
  const delivery = receiver.next()
  expect((await order(running, { url, message: 'hello' })).status).toBe(202)
  const { message, answer } = await delivery
  expect(message).toBe('hello')
  expect(program.spooled).toEqual([expect.stringMatching(/\.taken$/)])
  running.signal('SIGTERM')
  await running.line('draining')
  // TERM waits for what is being delivered.
  answer(200)
  expect(await running.exited()).toBe(0)
  expect(program.spooled).toEqual([])
})

test('its API refuses an order to nowhere', async ({ program }) => {
  const running = await program.run('main.js', SETS).ready()
  expect((await order(running, { url: 'nowhere', message: 'hello' })).status).toBe(400)
  running.signal('SIGTERM')
  expect(await running.exited()).toBe(0)
})

test('HUP replaces its processes by some that have read its files anew, and TERM ends it with 0', async ({ program }) => {
  const running = await program.run('main.js', SETS).ready()
  const started = (): unknown[] => running.log('worker.started').map(({ child }) => child)
  const before = started()
  program.write('orders.js', FILES.get('orders.js')!.replace('400', '422'))
  running.signal('SIGHUP')
  expect(await running.line('reloaded')).toMatchObject({ replaced: 3 })
  expect(started()).toHaveLength(before.length * 2)
  expect((await order(running, { url: 'nowhere', message: 'hello' })).status).toBe(422)
  running.signal('SIGTERM')
  expect(await running.exited()).toBe(0)
  await running.allEnded()
})

test('its test passes', async ({ program }) => {
  const { code, stdout } = await program.run('courier.test.js', [], ['--test']).finished()
  expect(code, stdout).toBe(0)
  expect(stdout).toMatch(/^(?:# |ℹ )pass 1$/m)
})
