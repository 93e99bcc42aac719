import { expect, test } from 'vitest'
import { Deadline, Deadlines } from '../../src/server/deadlines.ts'
import { JumpingClock } from '../support/server-harness.ts'

function prepare(): { clock: JumpingClock; deadlines: Deadlines; expired: string[]; make(name: string): Deadline } {
  const clock = new JumpingClock()
  const expired: string[] = []
  const make = (name: string): Deadline => new Deadline({ expired: (list) => void expired.push(`${name} ${list}`) })
  return { clock, deadlines: new Deadlines(clock), expired, make }
}

test('owners are told once, in the order of their deadlines, by the name of what they owed', () => {
  const { clock, deadlines, expired, make } = prepare()
  const list = deadlines.list('body', 1000)
  const [a, b] = [make('a'), make('b')]
  list.arm(a)
  clock.advance(500)
  list.arm(b)
  expect(list.first).toBe(a)
  clock.advance(600)
  expect(expired).toEqual(['a body'])
  clock.advance(5000)
  expect(expired).toEqual(['a body', 'b body'])
  expect(a.armed || b.armed).toBe(false)
  expect(list.first).toBeNull()
})

test.each([0, 1, 50, 99, 100])('a deadline of a second, armed %i ms after a tick, passes at its end and at most 200 ms later', (after) => {
  const { clock, deadlines, expired, make } = prepare()
  clock.advance(300 + after)
  deadlines.list('x', 1000).arm(make('a'))
  clock.advance(999)
  expect(expired).toEqual([])
  clock.advance(201)
  expect(expired).toEqual(['a x'])
})

test('a deadline shorter than a tick is none that passes at once', () => {
  const { clock, deadlines, expired, make } = prepare()
  clock.advance(99)
  deadlines.list('x', 1).arm(make('a'))
  clock.advance(1)
  expect(expired).toEqual([])
  clock.advance(200)
  expect(expired).toEqual(['a x'])
})

test('arming again, also elsewhere, moves a deadline; disarming takes it out of the middle, the front and the end', () => {
  const { clock, deadlines, expired, make } = prepare()
  const [list, other] = [deadlines.list('one', 1000), deadlines.list('other', 1000)]
  const entries = ['a', 'b', 'c', 'd', 'e'].map(make)
  for (const entry of entries) list.arm(entry)
  const [a, b, c, d, e] = entries
  c?.disarm()
  a?.disarm()
  e?.disarm()
  e?.disarm()
  other.arm(b!)
  clock.advance(500)
  list.arm(d!)
  clock.advance(600)
  expect(expired).toEqual(['b other'])
  clock.advance(500)
  expect(expired).toEqual(['b other', 'd one'])
})

test('an owner may arm its deadline again when told', () => {
  const { clock, deadlines } = prepare()
  const list = deadlines.list('again', 900)
  let times = 0
  const deadline: Deadline = new Deadline({
    expired: () => {
      times += 1
      list.arm(deadline)
    },
  })
  list.arm(deadline)
  clock.advance(3000)
  expect(times).toBe(3)
})

test('a wait of 0 never passes, and takes the deadline out of where it was', () => {
  const { clock, deadlines, expired, make } = prepare()
  const deadline = make('a')
  deadlines.list('one', 1000).arm(deadline)
  deadlines.list('never', 0).arm(deadline)
  clock.advance(100_000)
  expect(expired).toEqual([])
})

test('a stall of the process counts as half a second', () => {
  const { clock, deadlines, expired, make } = prepare()
  deadlines.list('x', 2000).arm(make('a'))
  clock.advance(1000)
  clock.jump(60_000)
  clock.advance(100)
  expect(deadlines.now).toBe(1500)
  clock.advance(500)
  expect(expired).toEqual([])
  clock.advance(100)
  expect(expired).toEqual(['a x'])
})

test('deadlines pass even if every tick is late', () => {
  const { clock, deadlines, expired, make } = prepare()
  deadlines.list('x', 1900).arm(make('a'))
  for (let tick = 1; tick <= 4; tick++) {
    expect(expired).toEqual([])
    clock.jump(10_000)
    clock.advance(100)
  }
  expect(expired).toEqual(['a x'])
})

test('a late tick counts in full', () => {
  const { clock, deadlines, expired, make } = prepare()
  deadlines.list('x', 2000).arm(make('a'))
  clock.jump(1400)
  clock.advance(700)
  expect(expired).toEqual(['a x'])
})

test('closed, it looks at nothing any more', () => {
  const { clock, deadlines, expired, make } = prepare()
  deadlines.list('x', 500).arm(make('a'))
  deadlines.close()
  clock.advance(5000)
  expect(expired).toEqual([])
  expect(clock.pending).toBe(0)
})

test('a list goes on where it was when its ticker does', () => {
  const { clock, deadlines, expired, make } = prepare()
  deadlines.list('x', 1000).arm(make('a'))
  clock.advance(500)
  deadlines.close()
  deadlines.close()
  clock.advance(5000)
  deadlines.open()
  deadlines.open()
  expect(clock.pending).toBe(1)
  clock.advance(500)
  expect(expired).toEqual([])
  clock.advance(200)
  expect(expired).toEqual(['a x'])
})

test('a shorter wait holds at once, and who waits has all of it from then on', () => {
  const { clock, deadlines, expired, make } = prepare()
  const list = deadlines.list('x', 60_000)
  list.arm(make('old'))
  clock.advance(5000)
  list.wait = 1000
  list.arm(make('new'))
  clock.advance(999)
  expect(expired).toEqual([])
  clock.advance(201)
  expect(expired).toEqual(['old x', 'new x'])
})

test('a longer wait is given to who waits as well', () => {
  const { clock, deadlines, expired, make } = prepare()
  const list = deadlines.list('x', 1000)
  list.arm(make('old'))
  clock.advance(900)
  list.wait = 3000
  clock.advance(2900)
  expect(expired).toEqual([])
  list.arm(make('new'))
  clock.advance(400)
  expect(expired).toEqual(['old x'])
  clock.advance(3000)
  expect(expired).toEqual(['old x', 'new x'])
})

test('the same wait once more begins nothing anew', () => {
  const { clock, deadlines, expired, make } = prepare()
  const list = deadlines.list('x', 1000)
  list.arm(make('a'))
  clock.advance(900)
  list.wait = 1000
  clock.advance(300)
  expect(expired).toEqual(['a x'])
})

test('who waited for ever waits no longer than others when there is a limit, and the other way round', () => {
  const { clock, deadlines, expired, make } = prepare()
  const list = deadlines.list('x', 0)
  list.arm(make('a'))
  clock.advance(100_000)
  list.wait = 1000
  clock.advance(1200)
  expect(expired).toEqual(['a x'])
  list.arm(make('b'))
  list.wait = 0
  clock.advance(100_000)
  expect(expired).toEqual(['a x'])
})
