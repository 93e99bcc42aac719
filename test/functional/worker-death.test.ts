import { expect } from 'vitest'
import { RawClient } from '../support/raw-client.ts'
import { test } from '../support/site.ts'

const CONNECTIONS = 32

/** One client that asks for the pid over and over on a connection it keeps, and makes a new one when that breaks. */
class Loop {
  readonly #port: number
  /** Who answered on the connection, when a request on it failed. */
  readonly broken: (string | undefined)[] = []
  readonly refused: unknown[] = []
  /** Who answered each request. */
  readonly answers: string[] = []
  #state: 'running' | 'stopping' = 'running'
  #progress: () => void = () => undefined

  constructor(port: number) {
    this.#port = port
  }

  async run(): Promise<void> {
    while (this.#state === 'running') {
      try {
        await this.#use(await RawClient.connect(this.#port))
      } catch (error) {
        this.refused.push(error)
      }
    }
  }

  stop(): void {
    this.#state = 'stopping'
  }

  /** Resolves when `count` more requests are answered. */
  async moreAnswers(count: number): Promise<void> {
    const enough = this.answers.length + count
    while (this.answers.length < enough) await new Promise<void>((resolve) => (this.#progress = resolve))
  }

  async #use(client: RawClient): Promise<void> {
    let worker: string | undefined
    try {
      while (this.#state === 'running') {
        worker = (await client.ask('GET', '/pid')).body
        this.answers.push(worker)
        this.#progress()
      }
    } catch {
      this.broken.push(worker)
    }
    client.close()
  }
}

test.concurrent('a killed worker costs its own connections a request each, refuses nobody, and is replaced', async ({ makeSite }) => {
  const server = await makeSite({ apis: { compute: 'probe.js' }, conf: { DEFAULT: { compute_workers: 2 } } }).serve()
  const loops = Array.from({ length: CONNECTIONS }, () => new Loop(server.port('compute')))
  const runs = loops.map((loop) => loop.run())
  await Promise.all(loops.map((loop) => loop.moreAnswers(5)))
  const [victim] = server.workers('compute')
  process.kill(victim!, 'SIGKILL')

  expect(await server.line('worker.exited')).toMatchObject({ level: 'warn', signal: 'SIGKILL', expected: false })
  await server.line('worker.ready', (line) => line.msg.startsWith(`Child ${server.workers('compute')[2]} `))
  await Promise.all(loops.map((loop) => loop.moreAnswers(5)))
  for (const loop of loops) loop.stop()
  await Promise.all(runs)

  const broken = loops.flatMap((loop) => loop.broken)
  expect(broken.length).toBeGreaterThan(0)
  expect(new Set(broken)).toEqual(new Set([String(victim)]))
  expect(Math.max(...loops.map((loop) => loop.broken.length))).toBe(1)
  expect(loops.flatMap((loop) => loop.refused)).toEqual([])
  const client = await RawClient.connect(server.port('compute'))
  expect((await client.ask('GET', '/pid')).body).toBe(String(server.workers('compute')[2]))
})

test.concurrent('an exception nobody catches ends its worker, is in the log, and the next worker serves', async ({ makeSite }) => {
  const server = await makeSite({ apis: { compute: 'crash.js' } }).serve()
  const client = await RawClient.connect(server.port('compute'))
  client.send('GET', '/crash')
  expect((await client.ended()).rest).toBe('')
  expect(await server.line('worker.exited')).toMatchObject({ code: 1, signal: null, expected: false })
  const crash = await server.line('crash')
  expect(crash).toMatchObject({ level: 'fatal', name: 'compute', pid: server.workers('compute')[0] })
  expect(crash.msg).toBe('Unhandled exception: nobody catches this')
  expect(crash['err']).toMatchObject({ stack: expect.stringContaining('crash.js') })
  const next = await RawClient.connect(server.port('compute'))
  expect((await next.ask('GET', '/pid')).body).toBe(String(server.workers('compute')[1]))
})

test.concurrent('workers whose launcher was killed finish what they have and end', async ({ makeSite }) => {
  const site = makeSite({ apis: { compute: 'gate.js', metadata: 'probe.js' }, conf: { DEFAULT: { idle_linger: 20, metadata_workers: 2 } } })
  const server = await site.serve()
  const [waiting, other] = await Promise.all([RawClient.connect(server.port('compute')), RawClient.connect(server.port('compute'))])
  waiting.send('GET', '/wait')
  await other.ask('GET', '/arrived/1')
  server.signal('SIGKILL')
  expect(await server.line('parent.died', (line) => line.name === 'compute')).toMatchObject({ level: 'error', api: 'compute' })
  expect((await other.ask('POST', '/open')).status).toBe(204)
  expect((await waiting.response()).body).toBe(`waited in ${server.workers('compute')[0]}`)
  for (const client of [waiting, other]) client.close()
  await server.allEnded()
})
