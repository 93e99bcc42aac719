import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { DgramSocket } from 'node-unix-socket'
import { systemClock } from '../clock.ts'

interface Addon {
  readonly DgramSocket: typeof DgramSocket
}

/** Milliseconds. The service manager reads at once; only a queue that nobody reads is full for so long. */
const PATIENCE = 1000

/**
 * Sends one datagram to the unix socket `address`; `@name` is an abstract one. Rejects when it cannot be sent. Node has no unix datagrams, so
 * an addon sends it, and where that has no binary, systemd's own program. The addon fills names up to their full length, which with abstract
 * ones makes others of them, so those are the program's as well.
 */
export async function sendDatagram(address: string, text: string): Promise<void> {
  const addon = address.startsWith('@') ? null : await loadAddon()
  await (addon === null ? sendByProgram(address, text) : sendByAddon(addon, address, text))
}

/** Only who is told where to send pays for the import. */
export async function loadAddon(): Promise<Addon | null> {
  return import('node-unix-socket').catch(() => null)
}

function sendByAddon({ DgramSocket }: Addon, address: string, text: string): Promise<void> {
  const socket = new DgramSocket()
  const message = Buffer.from(text)
  return new Promise<void>((resolve, reject) => {
    const timer = systemClock.setTimer(() => reject(new Error('nobody reads what is sent there')), PATIENCE)
    socket.sendTo(message, 0, message.length, address, (error?: Error) => {
      timer.cancel()
      if (error === undefined) resolve()
      else reject(error)
    })
  }).finally(() => socket.close())
}

/** Its messages are a child's to systemd, unless root sends them: the unit then needs `NotifyAccess=all`. */
async function sendByProgram(address: string, text: string): Promise<void> {
  await promisify(execFile)('systemd-notify', ['--', ...text.split('\n')], { env: { ...process.env, NOTIFY_SOCKET: address } })
}
