import type { Runtime } from 'node:inspector'
import { runInThisContext } from 'node:vm'
import { afterEach, expect, test } from 'vitest'
import { inspectMainThread, IN_PROGRESS, type MainThreadSession } from '../../src/service/inspect-main-thread.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { settle } from './fakes.ts'

const WORK = [{ id: 'req-1', what: 'GET /servers', seconds: 61, phase: 'waiting for the app' }]

type Answer = (error: Error | null, answer?: Runtime.EvaluateReturnType) => void

/** A session with a main thread that is this one, and answers when the test says so. */
class FakeSession {
  readonly calls: string[] = []
  expression = ''
  answer: Answer = () => undefined

  connectToMainThread(): void {
    this.calls.push('connect')
  }

  post(method: string, { expression }: Runtime.EvaluateParameterType, answer: Answer): void {
    this.calls.push(method)
    this.expression = expression
    this.answer = answer
  }

  disconnect(): void {
    this.calls.push('disconnect')
  }
}

function prepare() {
  const clock = new FakeClock()
  const session = new FakeSession()
  const inspection = inspectMainThread(session as unknown as MainThreadSession, clock)
  return { clock, session, inspection }
}

async function answerWith(value: unknown) {
  const { clock, session, inspection } = prepare()
  session.answer(null, { result: { type: 'object', value } })
  const found = await inspection
  expect(session.calls).toEqual(['connect', 'Runtime.evaluate', 'disconnect'])
  expect(clock.pending).toBe(0)
  return found
}

const STACK = `Error
    at look (millrace:inspection:3:20)
    at millrace:inspection:9:3
    at RegExp.test (<anonymous>)
    at file:///srv/app.js:7:8
    at async Server.handle [as run] (file:///srv/my%20server.js:1:2)
    at node:internal/timers:1:2`

test('the stack is without our own lines, and has paths', async () => {
  expect(await answerWith({ stack: STACK, work: WORK, debugged: false })).toEqual({
    stack: '    at RegExp.test (<anonymous>)\n    at /srv/app.js:7:8\n    at async Server.handle [as run] (/srv/my server.js:1:2)\n    at node:internal/timers:1:2',
    work: WORK,
  })
})

test('a thread that only looks at itself waits for events', async () => {
  const stack = STACK.split('\n').slice(0, 3).join('\n')
  expect(await answerWith({ stack, work: WORK, debugged: false })).toEqual({ stack: 'it waits for events', work: WORK, spared: 'idle' })
})

test('a thread that is open to a debugger may have been stopped by it', async () => {
  expect(await answerWith({ stack: STACK, work: [], debugged: true })).toMatchObject({ stack: expect.stringContaining('RegExp.test') as string, spared: 'debugged' })
})

test('a thread that has not answered within a second is in native code', async () => {
  const { clock, session, inspection } = prepare()
  clock.advance(1000)
  expect(await inspection).toEqual({ stack: expect.stringContaining('native code') as string, work: [] })
  expect(session.calls.at(-1)).toBe('disconnect')
})

test('of a deep stack the innermost thirty frames are told', async () => {
  const frames = Array.from({ length: 32 }, (_, depth) => `    at f${depth} (node:x:1:1)`)
  expect((await answerWith({ stack: ['Error', ...frames].join('\n'), work: [], debugged: false })).stack).toBe(frames.slice(0, 30).join('\n'))
})

test('what cannot be evaluated is told', async () => {
  const { session, inspection } = prepare()
  const exceptionDetails = { exceptionId: 1, text: 'Uncaught', lineNumber: 0, columnNumber: 0, exception: { type: 'object' as const, description: 'EvalError: no' } }
  session.answer(null, { result: { type: 'object' }, exceptionDetails })
  expect(await inspection).toEqual({ stack: 'it could not be looked at: EvalError: no', work: [] })
})

test('a session that ends has no answer', async () => {
  const { session, inspection } = prepare()
  session.answer(new Error('closed'))
  expect(await inspection).toEqual({ stack: 'it could not be looked at: it ends', work: [] })
})

const hook = Symbol.for(IN_PROGRESS)
const shared = globalThis as Partial<Record<symbol, unknown>>
afterEach(() => delete shared[hook])

/** What the main thread makes of the question. */
async function evaluate(): Promise<{ stack: string; work: unknown; debugged: boolean }> {
  const { clock, session, inspection } = prepare()
  const found = runInThisContext(session.expression) as { stack: string; work: unknown; debugged: boolean }
  clock.advance(1000)
  await inspection
  return found
}

test('the main thread tells its stack and its work, and has then what it had before', async () => {
  shared[hook] = () => WORK
  const before = Error.stackTraceLimit
  const prepareStackTrace: unknown = Reflect.get(Error, 'prepareStackTrace')
  const { stack, work, debugged } = await evaluate()
  expect(stack).toContain('inspect-main-thread.test')
  expect(work).toEqual(WORK)
  expect(debugged).toBe(false)
  expect(Error.stackTraceLimit).toBe(before)
  expect(Reflect.get(Error, 'prepareStackTrace')).toBe(prepareStackTrace)
  await settle()
})

test('a process that has no work to tell, or cannot, tells none', async () => {
  expect((await evaluate()).work).toEqual([])
  shared[hook] = () => {
    throw new Error('no luck')
  }
  expect((await evaluate()).work).toEqual([])
})
