import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, test, vi } from 'vitest'
import { ManualClock } from '../../src/manual-clock.ts'
import { BackOffLoopingCall } from '../../src/service/back-off-looping-call.ts'
import { defer } from '../../src/service/deferred.ts'
import { DynamicLoopingCall } from '../../src/service/dynamic-looping-call.ts'
import { FixedIntervalLoopingCall } from '../../src/service/fixed-interval-looping-call.ts'
import { FixedIntervalWithTimeoutLoopingCall } from '../../src/service/fixed-interval-with-timeout-looping-call.ts'
import { LoopingCallDone } from '../../src/service/looping-call-done.ts'
import { LoopingCallTimeOut } from '../../src/service/looping-call-time-out.ts'
import { record } from './fakes.ts'

/** The seconds of the sleeps until the loop ends, or of the first `most`. */
async function sleepsOf(clock: ManualClock, most = Infinity): Promise<number[]> {
  const sleeps: number[] = []
  while (sleeps.length < most) {
    const passed = await clock.skip()
    if (passed === undefined) break
    sleeps.push(passed / 1000)
  }
  return sleeps
}

const KINDS = [
  { Loop: FixedIntervalLoopingCall, kind: 'Fixed interval looping call', onlyOne: 'A fixed interval looping call can only run one function at a time' },
  {
    Loop: FixedIntervalWithTimeoutLoopingCall,
    kind: 'Fixed interval looping call with timeout checking.',
    onlyOne: 'A fixed interval looping call with timeout checking can only run one function at a time',
  },
  { Loop: DynamicLoopingCall, kind: 'Dynamic interval looping call', onlyOne: 'A dynamic interval looping call can only run one function at a time' },
  { Loop: BackOffLoopingCall, kind: 'Dynamic backoff interval looping call', onlyOne: 'A dynamic backoff interval looping call can only run one function at a time' },
] as const

for (const { Loop, kind, onlyOne } of KINDS) {
  const prepare = (run: (signal: AbortSignal) => unknown, name?: string) => {
    const clock = new ManualClock()
    const loop = new Loop(run as () => number, { clock, ...(name !== undefined && { name }) })
    return { clock, loop, start: (options = {}) => loop.start({ interval: 10, ...options }) }
  }

  test(`${Loop.name}: LoopingCallDone ends it with its value, which is true by default`, async () => {
    const given = [new LoopingCallDone(), new LoopingCallDone('value'), new LoopingCallDone(undefined)]
    for (const [index, value] of [true, 'value', undefined].entries()) {
      const { start, loop } = prepare(() => {
        throw given[index]!
      })
      expect(await start()).toBe(value)
      expect(await loop.wait()).toBe(value)
    }
  })

  test(`${Loop.name}: nothing runs before start has returned, and nothing at all when it is stopped before that`, async () => {
    const run = vi.fn(() => 5)
    const { start, loop } = prepare(run)
    const done = start()
    expect(run).not.toHaveBeenCalled()
    loop.stop()
    expect(await done).toBe(true)
    expect(run).not.toHaveBeenCalled()
  })

  test(`${Loop.name}: the initial delay comes before the first run, and can be interrupted`, async () => {
    const run = vi.fn(() => 5)
    const { clock, start, loop } = prepare(run)
    const done = start({ initialDelay: 30 })
    await clock.pass(29_999)
    expect(run).not.toHaveBeenCalled()
    await clock.pass(1)
    expect(run).toHaveBeenCalledOnce()
    loop.stop()
    expect(await done).toBe(true)
    const again = start({ initialDelay: 30 })
    await nextTurn()
    loop.stop()
    expect(await again).toBe(true)
    expect(clock.pending).toBe(0)
  })

  test(`${Loop.name}: stop interrupts a sleep; it can be called twice, and the loop started again`, async () => {
    const run = vi.fn(() => 5)
    const { clock, start, loop } = prepare(run)
    for (const times of [1, 2]) {
      const done = start()
      await nextTurn()
      expect(clock.pending).toBe(1)
      loop.stop()
      loop.stop()
      expect(await done).toBe(true)
      expect(run).toHaveBeenCalledTimes(times)
      expect(clock.pending).toBe(0)
    }
  })

  test(`${Loop.name}: stop during a run aborts its signal, and the loop ends with the run`, async () => {
    const running = defer<number>()
    let seen: AbortSignal | undefined
    const { clock, start, loop } = prepare((signal) => {
      seen = signal
      return running.promise
    })
    const done = start()
    await nextTurn()
    clock.advance(2000)
    expect(loop.runSeconds).toBe(2)
    expect(seen?.aborted).toBe(false)
    loop.stop()
    expect(seen?.aborted).toBe(true)
    expect(() => start()).toThrow(onlyOne)
    running.resolve(5)
    expect(await done).toBe(true)
    expect(loop.runSeconds).toBeUndefined()
    expect(clock.pending).toBe(0)
  })

  test(`${Loop.name}: a run that throws what its signal aborted with has not failed`, async () => {
    const failed = record('loop.failed')
    const errors = [(signal: AbortSignal) => signal.reason as Error, () => Object.assign(new Error('aborted'), { name: 'AbortError' })]
    for (const errorOf of errors) {
      const { start, loop } = prepare(async (signal) => {
        loop.stop()
        throw errorOf(signal)
      })
      expect(await start({ stopOnException: false })).toBe(true)
    }
    expect(failed).toEqual([])
  })

  test(`${Loop.name}: only one at a time`, async () => {
    const { start, loop } = prepare(() => 5)
    const done = start()
    expect(() => start()).toThrow(new Error(onlyOne))
    loop.stop()
    await done
  })

  test(`${Loop.name}: an error ends it, is reported, and is no unhandled rejection`, async () => {
    const failed = record('loop.failed')
    const error = new Error('no disk')
    const { clock, start, loop } = prepare(function checkDisk() {
      throw error
    })
    void start()
    await nextTurn()
    expect(failed).toEqual([{ kind, name: 'checkDisk', error }])
    await expect(loop.wait()).rejects.toBe(error)
    expect(clock.pending).toBe(0)
  })

  test(`${Loop.name}: with stopOnException false an error is reported and the loop goes on`, async () => {
    const failed = record('loop.failed')
    let runs = 0
    const { clock, start } = prepare(() => {
      runs += 1
      if (runs === 3) throw new LoopingCallDone(runs)
      throw new Error(`run ${runs}`)
    }, 'given')
    const done = start({ stopOnException: false })
    await sleepsOf(clock)
    expect(await done).toBe(3)
    expect(failed.map(({ name, error }) => [name, (error as Error).message])).toEqual([
      ['given', 'run 1'],
      ['given', 'run 2'],
    ])
  })

  test(`${Loop.name}: refuses a delay that is none`, () => {
    const { start } = prepare(() => 5)
    expect(() => start({ initialDelay: -1 })).toThrow(new RangeError('initialDelay should be at least 0, not -1'))
    expect(() => start({ initialDelay: '5' })).toThrow(new TypeError('initialDelay should be a number, not "5"'))
  })
}

test('a loop that was never started has nothing to wait for', async () => {
  const loop = new FixedIntervalLoopingCall(() => undefined)
  loop.stop()
  expect(await loop.wait()).toBe(true)
  expect(loop.name).toBe('anonymous')
})

test('a fixed interval counts from the beginning of a run, and what outlasts it is not made up for', async () => {
  const outlasted = record('loop.outlasted')
  const clock = new ManualClock()
  const takes = [0.99, 2, 1.01]
  const loop = new FixedIntervalLoopingCall(
    function poll() {
      const seconds = takes.shift()
      if (seconds === undefined) throw new LoopingCallDone()
      clock.advance(seconds * 1000)
    },
    { clock },
  )
  const done = loop.start({ interval: 1.01 })
  expect(await sleepsOf(clock)).toEqual([0.02, 0, 0])
  expect(await done).toBe(true)
  expect(outlasted).toEqual([{ name: 'poll', delay: 0.99 }])
})

test('a fixed interval times out after the run that ends too late, the initial delay counted', async () => {
  const clock = new ManualClock()
  const failed = record('loop.failed')
  const loop = new FixedIntervalWithTimeoutLoopingCall(() => undefined, { clock })
  const done = loop.start({ interval: 2, initialDelay: 1, timeout: 4 })
  expect(await sleepsOf(clock)).toEqual([1, 2, 2])
  await expect(done).rejects.toThrow(new LoopingCallTimeOut(5))
  expect(failed.map(({ error }) => (error as Error).message)).toEqual(['Looping call timed out after 5.00 seconds'])
})

test('a fixed interval without a timeout goes on', async () => {
  const clock = new ManualClock()
  const loop = new FixedIntervalWithTimeoutLoopingCall(() => undefined, { clock })
  const done = loop.start({ interval: 100 })
  expect(await sleepsOf(clock, 20)).toEqual(Array(20).fill(100))
  loop.stop()
  expect(await done).toBe(true)
})

test('a dynamic loop sleeps for what the run returned, and no longer than the most', async () => {
  const clock = new ManualClock()
  const suggestions = [5, 0, 200, null, undefined, -1]
  const loop = new DynamicLoopingCall(
    () => {
      if (suggestions.length === 0) throw new LoopingCallDone()
      return suggestions.shift()
    },
    { clock },
  )
  void loop.start({ periodicIntervalMax: 60 })
  expect(await sleepsOf(clock)).toEqual([5, 0, 60, 60, 60, 0])
})

test('a dynamic loop without a most sleeps for what the run returned, longer than a timer lasts too', async () => {
  const clock = new ManualClock()
  const loop = new DynamicLoopingCall(() => (clock.now() > 0 ? Promise.reject(new LoopingCallDone('later')) : 3_000_000), { clock })
  const done = loop.start()
  expect(await sleepsOf(clock)).toEqual([2_147_483.647, 852_516.353])
  expect(await done).toBe('later')
})

test('a dynamic loop needs seconds from somewhere', async () => {
  const loop = new DynamicLoopingCall(() => undefined)
  await expect(loop.start()).rejects.toThrow(new Error('A dynamic interval looping call should supply either an interval or periodic_interval_max'))
  const mistaken = new DynamicLoopingCall((() => 'soon') as never)
  await expect(mistaken.start({ periodicIntervalMax: 5 })).rejects.toThrow(TypeError)
})

test('a dynamic loop repeats at once what threw and was forgiven', async () => {
  const clock = new ManualClock()
  let runs = 0
  const loop = new DynamicLoopingCall(
    () => {
      runs += 1
      throw runs === 3 ? new LoopingCallDone() : new Error('again')
    },
    { clock },
  )
  void loop.start({ periodicIntervalMax: 60, stopOnException: false })
  expect(await sleepsOf(clock)).toEqual([0, 0])
})

function backOff(clock: ManualClock, run: () => unknown, jitter = 0.8) {
  const asked: [number, number][] = []
  const gauss = (mean: number, deviation: number): number => {
    asked.push([mean, deviation])
    return jitter
  }
  return { asked, loop: new BackOffLoopingCall(run, { clock, gauss }) }
}

test('failures back off until they would go on for longer than the timeout', async () => {
  const clock = new ManualClock()
  const { asked, loop } = backOff(clock, () => false)
  const done = loop.start()
  const sleeps = await sleepsOf(clock)
  const expected = [1.6, 2.4, 3.6, 5.4, 8.1, 12.15, 18.225, 27.3375, 41.00625, 61.509375, 92.2640625]
  expect(sleeps).toHaveLength(expected.length)
  for (const [index, seconds] of expected.entries()) expect(sleeps[index]).toBeCloseTo(seconds, 5)
  await expect(done).rejects.toBeInstanceOf(LoopingCallTimeOut)
  await expect(done).rejects.toThrow('Looping call timed out after 411.99 seconds')
  expect(asked[0]).toEqual([0.75, 0.1])
})

test('no sleep of a failure is longer than the most', async () => {
  const clock = new ManualClock()
  const { loop } = backOff(clock, () => false)
  const done = loop.start({ maxInterval: 60 })
  const sleeps = await sleepsOf(clock)
  expect(sleeps.slice(-3)).toEqual([60, 60, 60])
  expect(sleeps[8]).toBeCloseTo(41.00625, 5)
  await expect(done).rejects.toBeInstanceOf(LoopingCallTimeOut)
})

test('a success brings the starting interval back, and forgets the time that failures took', async () => {
  const clock = new ManualClock()
  const results = [false, false, true, false, false]
  const { loop } = backOff(clock, () => {
    if (results.length === 0) throw new LoopingCallDone()
    return results.shift()
  })
  const done = loop.start({ startingInterval: 10, timeout: 50 })
  const sleeps = await sleepsOf(clock)
  for (const [index, seconds] of [16, 24, 8, 16, 24].entries()) expect(sleeps[index]).toBeCloseTo(seconds, 5)
  expect(await done).toBe(true)
})

test('a negative chance is taken as a positive one, and no sleep of a failure is shorter than the least', async () => {
  const clock = new ManualClock()
  const { loop } = backOff(clock, () => 0, -0.0001)
  const done = loop.start({ timeout: 0, minInterval: 0.5 })
  expect(await sleepsOf(clock, 5)).toEqual([0.5, 0.5, 0.5, 0.5, 0.5])
  loop.stop()
  expect(await done).toBe(true)
})

test('the jitter is normal by default', async () => {
  const clock = new ManualClock()
  const loop = new BackOffLoopingCall(() => true, { clock })
  const done = loop.start()
  const sleeps = await sleepsOf(clock, 1000)
  loop.stop()
  await done
  const mean = sleeps.reduce((sum, seconds) => sum + seconds, 0) / sleeps.length
  const deviation = Math.sqrt(sleeps.reduce((sum, seconds) => sum + (seconds - mean) ** 2, 0) / sleeps.length)
  // Five standard errors: one run in two million fails by chance.
  expect(Math.abs(mean - 0.75)).toBeLessThan((5 * 0.1) / Math.sqrt(1000))
  expect(Math.abs(deviation - 0.1)).toBeLessThan((5 * 0.1) / Math.sqrt(2000))
})

test('numbers that are none are refused at the start', () => {
  expect(() => new FixedIntervalLoopingCall(() => undefined).start({ interval: Number.NaN })).toThrow('interval should be a number, not null')
  expect(() => new FixedIntervalLoopingCall(() => undefined).start({} as never)).toThrow('interval should be a number, not undefined')
  expect(() => new FixedIntervalWithTimeoutLoopingCall(() => undefined).start({ interval: 1, timeout: -1 })).toThrow(RangeError)
  expect(() => new DynamicLoopingCall(() => undefined).start({ periodicIntervalMax: -1 })).toThrow(RangeError)
  expect(() => new BackOffLoopingCall(() => undefined).start({ maxInterval: -1 })).toThrow('maxInterval should be at least 0, not -1')
})
