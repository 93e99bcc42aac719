/**
 * A connection's life, as eventlet tells it and operators read it:
 *
 *     IDLE ──request──▶ REQUEST ──last reply──▶ CLOSE
 *      ▲ │                │ │
 *      │ └────close───────┼─┼─────────────────▶ CLOSE
 *      └──────reply───────┘ └──────close──────▶ CLOSE
 */
export type ConnectionState = 'IDLE' | 'REQUEST' | 'CLOSE'

/**
 * `request`: a head was read. `reply`: its reply is sent, its body read, and the connection stays. `close`: nothing more will be
 * answered, because the last reply is sent, a message was refused, a deadline passed, or the peer has gone.
 */
export type ConnectionEvent = 'request' | 'reply' | 'close'

/** An event that is not in its state's row is an error of the server. `close` comes from several sides, so CLOSE stays CLOSE. */
const connectionStates: Readonly<Record<ConnectionState, Readonly<Partial<Record<ConnectionEvent, ConnectionState>>>>> = {
  IDLE: { request: 'REQUEST', close: 'CLOSE' },
  REQUEST: { reply: 'IDLE', close: 'CLOSE' },
  CLOSE: { close: 'CLOSE' },
}

/** The state after `event`. Throws when the table has no such event. */
export function nextState(state: ConnectionState, event: ConnectionEvent): ConnectionState {
  const next = connectionStates[state][event]
  if (next === undefined) throw new Error(`a connection in ${state} cannot take "${event}"`)
  return next
}
