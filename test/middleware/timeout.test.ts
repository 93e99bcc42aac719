import { Readable } from 'node:stream'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { App, Conf, HttpReply } from '../../src/app.ts'
import { HttpError } from '../../src/errors.ts'
import { subscribe, type Events } from '../../src/events.ts'
import { makeTimeout, timeout } from '../../src/middleware/timeout.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { wrapLinted } from '../support/linted.ts'
import { makeRequest } from '../support/make-request.ts'

const clock = new FakeClock()

const limited = (app: App, localConf: Conf = {}): App => wrapLinted(makeTimeout(localConf, clock), app)

function deferred(): { promise: Promise<HttpReply>; resolve(reply: HttpReply): void } {
  let resolve!: (reply: HttpReply) => void
  const promise = new Promise<HttpReply>((settle) => {
    resolve = settle
  })
  return { promise, resolve }
}

function failures(): Events['request.failed'][] {
  const seen: Events['request.failed'][] = []
  onTestFinished(subscribe('request.failed', (event) => void seen.push(event)))
  return seen
}

describe('an app that answers', () => {
  test('at once gets no timer', () => {
    expect(limited(() => ({ status: 201 }))(makeRequest())).toEqual({ status: 201 })
    expect(clock.pending).toBe(0)
  })

  test('in time is not touched, and its timer is gone', async () => {
    const { promise, resolve } = deferred()
    const answer = limited(() => promise)(makeRequest())
    expect(clock.pending).toBe(1)
    clock.advance(59_999)
    resolve({ status: 201 })
    expect(await answer).toEqual({ status: 201 })
    expect(clock.pending).toBe(0)
  })

  test('with an error in time fails with that', async () => {
    await expect(limited(() => Promise.reject(new HttpError(404, 'none')))(makeRequest())).rejects.toThrow('none')
    expect(clock.pending).toBe(0)
  })
})

describe('an app that takes too long', () => {
  test.each([
    [{}, 60_000, 503],
    [{ seconds: '1.5' }, 1500, 503],
    [{ seconds: '250ms', status: '504' }, 250, 504],
  ])('is answered for, %j', async (conf, milliseconds, status) => {
    const seen = failures()
    const answer = limited(() => new Promise(() => {}), conf)(makeRequest())
    clock.advance(milliseconds)
    await expect(answer).rejects.toMatchObject({ name: 'HttpError', status, expose: true })
    expect(seen).toMatchObject([{ api: 'compute', status, method: 'GET', target: '/' }])
  })

  test('has its late reply dropped and the stream in it destroyed', async () => {
    const { promise, resolve } = deferred()
    const stream = Readable.from(['a'])
    const closed = new Promise((done) => stream.once('close', done))
    const answer = makeTimeout({}, clock)(() => promise)(makeRequest())
    clock.advance(60_000)
    await expect(answer).rejects.toThrow('too long')
    resolve({ body: stream })
    await closed
    expect(stream.destroyed).toBe(true)
  })

  test('may then reject or answer with nothing', async () => {
    const { promise, resolve } = deferred()
    const answers = [promise, promise.then(() => Promise.reject(new Error('late')))].map((late) => makeTimeout({}, clock)(() => late)(makeRequest()))
    clock.advance(60_000)
    for (const answer of answers) await expect(answer).rejects.toThrow('too long')
    resolve(undefined as never)
    await promise
  })
})

describe('the signal', () => {
  test('is only there when it has a name', () => {
    const request = makeRequest()
    void limited(() => ({}))(request)
    expect(request.environ).toEqual({})
  })

  test('aborts when the time is up', async () => {
    const request = makeRequest()
    const answer = limited(() => new Promise(() => {}), { signal: 'api.signal' })(request)
    const signal = request.environ['api.signal'] as AbortSignal
    expect(signal.aborted).toBe(false)
    clock.advance(60_000)
    await expect(answer).rejects.toThrow('too long')
    expect(signal.reason).toMatchObject({ status: 503 })
    expect(request.signal.aborted).toBe(false)
  })

  test("aborts with the request's own", () => {
    const aborter = new AbortController()
    const request = makeRequest({ signal: aborter.signal })
    void limited(() => ({}), { signal: 'api.signal' })(request)
    aborter.abort('gone')
    expect(request.environ['api.signal']).toMatchObject({ aborted: true, reason: 'gone' })
  })
})

test.each([
  ['seconds', '0', 'is not a time'],
  ['seconds', '-1', 'is not a time'],
  ['seconds', '3000000', 'is not a time'],
  ['seconds', '5 d', 'is not a time'],
  ['status', '500', 'is not known'],
  ['second', '5', 'did you mean "seconds"'],
])('%s = %s is refused when the file is loaded', (option, value, message) => {
  expect(() => timeout({}, { [option]: value })).toThrow(message)
})

test.each([['2m', 120], ['1h', 3600], ['2 s', 2]])('%s are %d seconds', async (seconds, length) => {
  const answer = limited(() => new Promise(() => {}), { seconds })(makeRequest())
  clock.advance(length * 1000 - 1)
  expect(clock.pending).toBe(1)
  clock.advance(1)
  await expect(answer).rejects.toThrow('too long')
})
