import { describe, expect, it } from 'vitest'
import { type ConnectionEvent, type ConnectionState, nextState } from '../../src/http/connection-state.ts'

/** Every cell of the table; `-` is an event that cannot be. */
const CELLS: [ConnectionState, ConnectionEvent, ConnectionState | '-'][] = [
  ['IDLE', 'request', 'REQUEST'],
  ['IDLE', 'reply', '-'],
  ['IDLE', 'close', 'CLOSE'],
  ['REQUEST', 'request', '-'],
  ['REQUEST', 'reply', 'IDLE'],
  ['REQUEST', 'close', 'CLOSE'],
  ['CLOSE', 'request', '-'],
  ['CLOSE', 'reply', '-'],
  ['CLOSE', 'close', 'CLOSE'],
]

describe('a connection', () => {
  it.each(CELLS.filter(([, , next]) => next !== '-'))('in %s becomes, by "%s", %s', (state, event, next) => {
    expect(nextState(state, event)).toBe(next)
  })

  it.each(CELLS.filter(([, , next]) => next === '-'))('in %s cannot take "%s"', (state, event) => {
    expect(() => nextState(state, event)).toThrow(`a connection in ${state} cannot take "${event}"`)
  })
})
