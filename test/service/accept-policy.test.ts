import { expect, test } from 'vitest'
import { LeastLoaded, type Candidate } from '../../src/service/accept-policy.ts'

class Worker implements Candidate {
  lastChosen = 0
  readonly name: string
  readonly connections: number
  readonly requests: number
  readonly accepting: boolean

  constructor(name: string, connections: number, requests = 0, accepting = true) {
    this.name = name
    this.connections = connections
    this.requests = requests
    this.accepting = accepting
  }
}

function chooseOften(workers: Worker[], times: number): string {
  const policy = new LeastLoaded<Worker>()
  return Array.from({ length: times }, () => policy.choose(workers)?.name).join('')
}

test('the worker with the fewest connections is chosen', () => {
  expect(chooseOften([new Worker('a', 3), new Worker('b', 1), new Worker('c', 2)], 2)).toBe('bb')
})

test('among equal connections, the one with the fewest requests in progress', () => {
  expect(chooseOften([new Worker('a', 1, 2), new Worker('b', 1, 1), new Worker('c', 2, 0)], 2)).toBe('bb')
})

test('among equals, the one that waited longest', () => {
  expect(chooseOften([new Worker('a', 1), new Worker('b', 1), new Worker('c', 1)], 7)).toBe('abcabca')
})

test('one that joins later comes first, then waits for its turn', () => {
  const workers = [new Worker('a', 1), new Worker('b', 1)]
  const policy = new LeastLoaded<Worker>()
  policy.choose(workers)
  policy.choose(workers)
  workers.push(new Worker('c', 1))
  expect([1, 2, 3, 4].map(() => policy.choose(workers)?.name).join('')).toBe('cabc')
})

test('one that is not accepting is passed over, however idle', () => {
  expect(chooseOften([new Worker('a', 0, 0, false), new Worker('b', 9)], 1)).toBe('b')
})

test('none is chosen when none is accepting', () => {
  const policy = new LeastLoaded<Worker>()
  expect(policy.choose([])).toBeUndefined()
  expect(policy.choose([new Worker('a', 0, 0, false)])).toBeUndefined()
})
