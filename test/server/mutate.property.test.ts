import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { HttpReply, HttpRequest } from '../../src/app.ts'
import { subscribe } from '../../src/events.ts'
import type { FakeSocket } from '../support/fake-socket.ts'
import { deferred, type Deferred, get, readReplies, SETTINGS, TestServer, turn } from '../support/server-harness.ts'

/** Timeouts in seconds. */
interface PoolSettings {
  readonly default_pool_size: number
  readonly pool_queue_size: number
  readonly pool_queue_timeout: number
  readonly handler_timeout: number
}

type Step =
  | { readonly do: 'mutate'; readonly settings: PoolSettings }
  | { readonly do: 'send'; readonly paths: readonly string[] }
  | { readonly do: 'answer' | 'fail' | 'reset'; readonly which: number }
  | { readonly do: 'pass'; readonly seconds: number }

const settings = fc.record({
  default_pool_size: fc.integer({ min: 1, max: 4 }),
  pool_queue_size: fc.integer({ min: 0, max: 4 }),
  pool_queue_timeout: fc.constantFrom(0, 1, 3),
  handler_timeout: fc.constantFrom(0, 2, 5),
})
const path = fc.constantFrom('/slow', '/slow', '/sync', '/healthcheck')
const which = fc.nat({ max: 20 })
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ do: fc.constant('mutate' as const), settings }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('send' as const), paths: fc.array(path, { minLength: 1, maxLength: 3 }) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('answer' as const, 'answer' as const, 'fail' as const, 'reset' as const), which }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('pass' as const), seconds: fc.constantFrom(0.5, 1.2, 4) }) },
)

/** A server, its clients, and the app's view of what it was asked. */
class Run {
  readonly #served: TestServer
  readonly #clients: { readonly socket: FakeSocket; readonly asked: number }[] = []
  /** What the app works at, by the requests' ids. What took too long is not among it. */
  readonly #working = new Map<string, Deferred<HttpReply>>()
  readonly #unsubscribe = subscribe('request.failed', ({ id, status }) => void (status === 503 && this.#working.delete(id)))
  #pool: PoolSettings

  constructor(pool: PoolSettings) {
    this.#pool = pool
    this.#served = new TestServer((request) => (request.target === '/slow' ? this.#work(request) : { body: request.target }), { ...SETTINGS, ...pool })
  }

  #work({ id }: HttpRequest): Promise<HttpReply> {
    const answer = deferred<HttpReply>()
    this.#working.set(id, answer)
    expect(this.#working.size).toBeLessThanOrEqual(this.#pool.default_pool_size)
    return answer.promise
  }

  async take(step: Step): Promise<void> {
    if (step.do === 'mutate') this.#mutate(step.settings)
    else if (step.do === 'send') this.#send(step.paths)
    else if (step.do === 'pass') await this.#served.pass(step.seconds)
    else if (step.do === 'reset') nth(this.#clients, step.which)?.socket.reset()
    else this.#settle(nth([...this.#working.keys()], step.which), step.do)
    await turn()
    this.#check()
  }

  #mutate(pool: PoolSettings): void {
    this.#pool = pool
    this.#served.server.mutate({ ...SETTINGS, ...pool })
  }

  #send(paths: readonly string[]): void {
    const socket = this.#served.connect()
    this.#clients.push({ socket, asked: paths.length })
    socket.send(paths.map((path) => get(path)).join(''))
  }

  #settle(id: string | undefined, how: 'answer' | 'fail'): void {
    const answer = this.#working.get(id ?? '')
    this.#working.delete(id ?? '')
    if (how === 'answer') answer?.resolve({ body: 'late' })
    else answer?.reject(new Error('no'))
  }

  #check(): void {
    const { inFlight, queued, connections } = this.#served.server.activity()
    expect(inFlight).toBe(this.#working.size)
    if (queued > 0) expect(inFlight).toBeGreaterThanOrEqual(this.#pool.default_pool_size)
    expect(this.#served.server.inProgress().length).toBeGreaterThanOrEqual(inFlight + queued)
    expect(connections.REQUEST).toBeLessThanOrEqual(inFlight + queued)
  }

  /** Everything is answered, and everybody who is still there has all his answers. */
  async finish(): Promise<void> {
    while (this.#working.size > 0) {
      for (const id of this.#working.keys()) this.#settle(id, 'answer')
      await turn()
    }
    expect(this.#served.server.inProgress()).toEqual([])
    expect(this.#served.server.activity()).toMatchObject({ inFlight: 0, queued: 0 })
    const there = this.#clients.filter(({ socket }) => !socket.destroyed)
    expect(there.map(({ socket }) => readReplies(socket.received).length)).toEqual(there.map(({ asked }) => asked))
    this.#served.server.stop()
    this.#served.server.abort()
    await this.#served.server.wait()
    expect(this.#served.clock.pending).toBe(0)
    this.#unsubscribe()
  }
}

function nth<T>(list: readonly T[], which: number): T | undefined {
  return list[which % list.length]
}

test('whatever requests and changes of settings come, every slot is given back, nobody waits while there is room, and nobody is lost', async () => {
  await fc.assert(
    fc.asyncProperty(settings, fc.array(step, { maxLength: 40 }), async (pool, steps) => {
      const run = new Run(pool)
      for (const step of steps) await run.take(step)
      await run.finish()
    }),
    { numRuns: 200 },
  )
})
