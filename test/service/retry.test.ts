import { expect, test, vi } from 'vitest'
import { HttpError } from '../../src/errors.ts'
import { ManualClock } from '../../src/manual-clock.ts'
import { retry, type RetryOptions } from '../../src/service/retry.ts'

class Busy extends Error {}

function prepare(options: RetryOptions, failures = Infinity, error: unknown = new Busy('busy')) {
  const clock = new ManualClock()
  let runs = 0
  const run = vi.fn((...words: string[]) => {
    runs += 1
    if (runs <= failures) throw error
    return words.join(' ')
  })
  const sleeps = async (): Promise<number[]> => {
    const found: number[] = []
    for (let passed = await clock.skip(); passed !== undefined; passed = await clock.skip()) found.push(passed / 1000)
    return found
  }
  return { clock, run, sleeps, call: retry(run, { clock, exceptions: [Busy], ...options }) }
}

/** Keeps a rejection from being unhandled while the time passes. */
function held<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined)
  return promise
}

test('the sleeps get longer up to the most, and the arguments and the result are the function’s', async () => {
  const { call, sleeps, run } = prepare({}, 8)
  const result = call('two', 'words')
  expect(await sleeps()).toEqual([10, 20, 30, 40, 50, 60, 60, 60])
  expect(await result).toBe('two words')
  expect(run).toHaveBeenCalledTimes(9)
})

test('when it was tried often enough the error is thrown', async () => {
  const { call, sleeps, run } = prepare({ maxRetryCount: 3, incSleepTime: 2 })
  const result = held(call())
  expect(await sleeps()).toEqual([2, 4, 6])
  await expect(result).rejects.toThrow('busy')
  expect(run).toHaveBeenCalledTimes(4)
})

test('each call counts from the beginning', async () => {
  const { call, sleeps } = prepare({ maxRetryCount: 2, incSleepTime: 1 })
  for (let round = 0; round < 2; round++) {
    const result = held(call())
    expect(await sleeps()).toEqual([1, 2])
    await expect(result).rejects.toThrow(Busy)
  }
})

test('an error that is not listed is thrown at once', async () => {
  const error = new HttpError(404, 'no such image')
  for (const exceptions of [[Busy], []]) {
    const { call, run } = prepare({ exceptions }, Infinity, error)
    await expect(call()).rejects.toBe(error)
    expect(run).toHaveBeenCalledOnce()
  }
})

test('errors are listed by class or by a function', async () => {
  const lists = [[Error], [HttpError], [(error: unknown) => error instanceof HttpError && error.status === 503]]
  for (const exceptions of lists) {
    const { call, sleeps } = prepare({ exceptions }, 1, new HttpError(503, 'busy'))
    const result = call('done')
    expect(await sleeps()).toEqual([10])
    expect(await result).toBe('done')
  }
})

test('no retries is one try', async () => {
  const { call, run } = prepare({ maxRetryCount: 0 })
  await expect(call()).rejects.toThrow(Busy)
  expect(run).toHaveBeenCalledOnce()
})

test('aborting its signal ends a sleep', async () => {
  const stopping = new AbortController()
  const { call, clock, run } = prepare({ signal: stopping.signal })
  const result = held(call())
  await clock.pass(5000)
  const reason = new Error('stopping')
  stopping.abort(reason)
  await expect(result).rejects.toBe(reason)
  await expect(call()).rejects.toBe(reason)
  expect(run).toHaveBeenCalledTimes(2)
  expect(clock.pending).toBe(0)
})

test('numbers that are none are refused', () => {
  expect(() => retry(() => 1, { maxRetryCount: -2 })).toThrow('maxRetryCount should be at least -1, not -2')
  expect(() => retry(() => 1, { incSleepTime: -2 })).toThrow(RangeError)
  expect(() => retry(() => 1, { maxSleepTime: Number.NaN })).toThrow(TypeError)
})
