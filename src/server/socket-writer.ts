import { Socket } from 'node:net'

/** What node makes for each write. It is told when a write that could not be finished at once is. */
interface WriteRequest {
  oncomplete: (status: number) => void
}

/** As much of node's own handle of a socket as is needed here. */
interface Handle {
  /** Octets libuv has not written yet. */
  readonly writeQueueSize: number
  writeLatin1String(request: WriteRequest, text: string): number
}

type WriteRequestClass = new () => WriteRequest

const Write = findWriteRequest()
/** A write that is finished at once leaves its request as it was, so one serves all of them. */
let spare = Write === null ? null : new Write()

/**
 * Writes latin1 text to `socket`. False when the kernel did not take all of it: `drain` follows. This is `socket.write` without the record
 * that node's stream keeps of each write: a small request costs a twentieth less CPU time. Where it cannot be done it is
 * `socket.write`: node 26 makes no such request itself, TLS has no socket of the kernel's, and what waits in the stream goes first.
 */
export function writeText(socket: Socket, text: string): boolean {
  const handle = handleOf(socket)
  if (spare === null || handle === null || socket.constructor !== Socket || !socket.writable || socket.writableLength > 0) return socket.write(text, 'latin1')
  if (handle.writeLatin1String(spare, text) !== 0) {
    // The peer has gone; `close` follows.
    socket.destroy()
    return false
  }
  if (handle.writeQueueSize === 0) return true
  spare.oncomplete = (status) => completed(socket, handle, status)
  spare = new (Write as WriteRequestClass)()
  return false
}

/** Octets written to `socket` that the kernel has not taken yet. Of the piece it is at, only libuv knows it. */
export function unsentOf(socket: Socket): number {
  return handleOf(socket)?.writeQueueSize ?? socket.writableLength
}

/** A socket that is none of the kernel's need not have one, nor one that is closed. */
function handleOf(socket: Socket): Handle | null {
  const { _handle: handle } = socket as { _handle?: Handle | null }
  return handle ?? null
}

/** A write that waited is over. One that failed, or that a closed socket cancelled, has drained nothing. */
function completed(socket: Socket, handle: Handle, status: number): void {
  if (status !== 0) socket.destroy()
  else if (handle.writeQueueSize === 0 && !socket.writableNeedDrain) socket.emit('drain')
}

/** Node does not say where it makes them, so a socket of nothing is written to. */
function findWriteRequest(): WriteRequestClass | null {
  let found: unknown = null
  const writeLatin1String = (request: unknown) => {
    found = request
    return 0
  }
  new Socket({ handle: { writeLatin1String, getAsyncId: () => 1 }, readable: false } as object).write('.', 'latin1')
  return found instanceof Object ? (found.constructor as WriteRequestClass) : null
}
