import { Socket } from 'node:net'

/** Whom a socket tells what becomes of it. */
export interface SocketObserver {
  /** Octets have come: the first `length` of `buffer`, which are the observer's only until it returns. */
  received(buffer: Buffer, length: number): void
  /** The peer has closed its half. */
  ended(): void
  /** What was written has been taken, after there was too much of it. */
  drained(): void
  closed(): void
}

const OBSERVER = Symbol('observer')

interface Observed extends Socket {
  [OBSERVER]: SocketObserver
}

/**
 * Tells `observer` all that happens to `socket`, which nothing was read from yet. The listeners are the same few functions for all sockets:
 * an idle connection would cost a fifth more memory with functions of its own.
 */
export function observe(socket: Socket, observer: SocketObserver): void {
  ;(socket as Observed)[OBSERVER] = observer
  socket.on('end', onEnd)
  socket.on('drain', onDrain)
  socket.on('error', onError)
  socket.on('close', onClose)
  if (!readDirectly(socket)) socket.on('data', onData)
}

function onEnd(this: Socket): void {
  if (wasReset(this)) this.destroy()
  else (this as Observed)[OBSERVER].ended()
}

/**
 * A reset that comes together with the last octets is told as an end: libuv reads no error behind a short read (`uv__stream_io`, POLLHUP).
 * The kernel knows better: a connection that was reset has no peer. False where there is nobody to ask, as of a unix socket.
 */
function wasReset(socket: Socket): boolean {
  const { _handle: handle } = socket as { _handle?: { getpeername?(peer: object): number } | null }
  return typeof handle?.getpeername === 'function' && handle.getpeername({}) !== 0
}

function onDrain(this: Socket): void {
  ;(this as Observed)[OBSERVER].drained()
}

/** `close` follows. */
function onError(this: Socket): void {
  this.destroy()
}

function onClose(this: Socket): void {
  ;(this as Observed)[OBSERVER].closed()
}

function onData(this: Socket, bytes: Buffer): void {
  ;(this as Observed)[OBSERVER].received(bytes, bytes.length)
}

/** libuv reads and calls back at once, one socket after the other, so one buffer does for all. */
const SHARED = Buffer.allocUnsafeSlow(65_536)

function onRead(this: Observed, length: number): boolean {
  this[OBSERVER].received(SHARED, length)
  return true
}

interface ReadSlots {
  readonly buffer: symbol
  readonly callback: symbol
}

const slots = findSlots()

/**
 * `net.Socket` has an option, `onread`, by which no buffer is made for a read and no stream stands between: beside `data` events it saves a
 * fifth of the CPU time of a constant answer, and 64 KiB of garbage for each read. But what a `net.Server` accepts is not made by us, so what
 * the option sets is set here. False where that cannot be: this Node keeps it elsewhere, the socket is none of the kernel's (TLS), or
 * the kernel may write into the buffer at any time (Windows).
 */
function readDirectly(socket: Socket): boolean {
  const { _handle: handle } = socket as { _handle?: { useUserBuffer?(buffer: Buffer): void } | null }
  if (slots === null || socket.constructor !== Socket || typeof handle?.useUserBuffer !== 'function') return false
  const values = socket as unknown as Record<symbol, unknown>
  values[slots.buffer] = SHARED
  values[slots.callback] = onRead
  handle.useUserBuffer(SHARED)
  return true
}

function findSlots(): ReadSlots | null {
  if (process.platform === 'win32') return null
  const probe = new Socket({ onread: { buffer: SHARED, callback: onRead } } as object)
  const slot = (value: unknown) => Object.getOwnPropertySymbols(probe).find((symbol) => (probe as unknown as Record<symbol, unknown>)[symbol] === value)
  const buffer = slot(SHARED)
  const callback = slot(onRead)
  return buffer === undefined || callback === undefined ? null : { buffer, callback }
}
