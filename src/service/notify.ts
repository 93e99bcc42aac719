import { rmSync } from 'node:fs'
import { systemClock } from '../clock.ts'
import { emit } from '../events.ts'
import { loadAddon, sendDatagram } from './notify-carrier.ts'

/**
 * Tells the service manager (sd_notify(3)) at `NOTIFY_SOCKET`; does nothing when that is not set. `state` is one or more lines of
 * `NAME=value`; default `READY=1`. Never rejects: a failure is the event `notify.failed`.
 */
export async function notify(state = 'READY=1'): Promise<void> {
  await tell(process.env['NOTIFY_SOCKET'], state)
}

/** As {@link notify}, with `READY=1`, and when it was told, `NOTIFY_SOCKET` is removed: neither this process nor a child tells it again. */
export async function notifyOnce(): Promise<void> {
  if (await tell(process.env['NOTIFY_SOCKET'], 'READY=1')) delete process.env['NOTIFY_SOCKET']
}

/** Resolves with whether `state` was sent to `address`. Never rejects. */
export async function tell(address: string | undefined, state: string): Promise<boolean> {
  if (address === undefined || address === '') return false
  try {
    await sendDatagram(address, state)
    return true
  } catch (error) {
    emit('notify.failed', { error })
    return false
  }
}

/**
 * The other end: binds `socketPath`, and resolves with 0 when the first message that comes is `READY=1` and nothing else, with 1 when it is
 * another, and with 2 when none has come within `timeoutSeconds`. What it bound is removed again. Rejects when it cannot be bound; an
 * abstract name (`@…`) cannot.
 */
export async function onReady(socketPath: string, timeoutSeconds: number): Promise<0 | 1 | 2> {
  const addon = await loadAddon()
  if (addon === null) throw new Error(`cannot bind ${socketPath}: node-unix-socket has no binary for this system`)
  if (socketPath.startsWith('@')) throw new Error(`cannot bind ${socketPath}: the name is abstract`)
  const socket = new addon.DgramSocket()
  try {
    socket.bind(socketPath)
    return await verdict(socket, timeoutSeconds).finally(() => rmSync(socketPath, { force: true }))
  } finally {
    socket.close()
  }
}

function verdict(socket: NodeJS.EventEmitter, timeoutSeconds: number): Promise<0 | 1 | 2> {
  return new Promise<0 | 1 | 2>((resolve, reject) => {
    const timer = systemClock.setTimer(() => resolve(2), timeoutSeconds * 1000)
    socket.once('data', (message: Buffer) => {
      timer.cancel()
      resolve(message.toString() === 'READY=1' ? 0 : 1)
    })
    socket.once('error', reject)
  })
}
