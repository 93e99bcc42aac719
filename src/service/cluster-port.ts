import cluster, { type Worker } from 'node:cluster'
import type { Socket } from 'node:net'
import type { Inspection } from './inspection.ts'
import { Inspector } from './inspector.ts'
import { isPrimaryMessage, type PrimaryMessage, type WorkerMessage } from './messages.ts'
import type { ChildPort, ParentPort, WorkerExit } from './ports.ts'
import { WATCHDOG_FD } from './watchdog.ts'
import { readWorkerMessage } from './worker-words.ts'

export interface ClusterWorkerOptions {
  /** The module to run. */
  readonly file: string
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

/** The port's own word, from the worker: messages may come. */
const LISTENING = 'millrace:listening'

/** Forks a worker that shares our stdout and stderr. */
export function forkClusterWorker({ file, args = [], env = {} }: ClusterWorkerOptions): ChildPort {
  cluster.setupPrimary({ exec: file, args: [...args], stdio: ['inherit', 'inherit', 'inherit', 'ipc', 'pipe'] })
  return new ClusterChildPort(cluster.fork(env))
}

class ClusterChildPort implements ChildPort {
  readonly pid: number
  readonly #worker: Worker
  readonly #inspector: Inspector
  /** What was sent before the worker listened; null from then on. Its cluster module takes what comes earlier, and drops it. */
  #unheard: [PrimaryMessage, Socket | undefined][] | null = []

  constructor(worker: Worker) {
    this.pid = worker.process.pid ?? 0
    this.#worker = worker
    this.#inspector = new Inspector(lineTo(worker))
    // Node drops its own reference when a message had to wait to be written, and a primary that has nothing else then ends with code 13
    // between a worker's exit and the end of its channel, before `close`.
    worker.process.channel?.ref()
    worker.process.on('message', (message) => {
      if (message === LISTENING) this.#sendUnheard()
    })
  }

  send(message: PrimaryMessage, socket?: Socket): void {
    if (this.#unheard === null) this.#write(message, socket)
    else this.#unheard.push([message, socket])
  }

  #sendUnheard(): void {
    const unheard = this.#unheard ?? []
    this.#unheard = null
    for (const [message, socket] of unheard) this.#write(message, socket)
  }

  #write(message: PrimaryMessage, socket: Socket | undefined): void {
    const { process: child } = this.#worker
    if (!child.connected) return
    // Node would keep a list of this server's sockets in the worker and ask it about them when the server closes; the worker's are its own.
    if (socket !== undefined) Object.assign(socket, { server: undefined })
    child.send(message, socket, { keepOpen: true }, ignore)
  }

  onMessage(handler: (message: WorkerMessage) => void): void {
    this.#worker.process.on('message', (message) => {
      const read = readWorkerMessage(message)
      if (read !== null) handler(read)
    })
  }

  /** `close` comes when the channel is read to its end as well; `exit` may come before the worker's last words. */
  onExit(handler: (exit: WorkerExit) => void): void {
    const { process: child } = this.#worker
    // Of one that could not be made Node may tell both.
    const started = child.pid !== undefined
    child.once('close', (code, signal) => {
      if (started) handler({ code, signal })
    })
    // Without a listener an error throws. One on a live child is a write to a channel that just closed, and `close` follows.
    this.#worker.on('error', (error) => {
      if (!started) handler({ code: null, signal: null, error })
    })
  }

  /** Of one that could not be made the process id is still 0, and kill(2) takes that for our whole process group. */
  kill(signal: NodeJS.Signals): void {
    if (this.pid !== 0) this.#worker.process.kill(signal)
  }

  inspect(): Promise<Inspection | null> {
    return this.#inspector.ask()
  }
}

/**
 * The channel to the primary that forked this process.
 * @throws Error when nobody did.
 */
export function openParentPort(): ParentPort {
  const { worker } = cluster
  if (worker === undefined || process.send === undefined) throw new Error('this process is not a worker of a launcher')
  return new ClusterParentPort(worker)
}

class ClusterParentPort implements ParentPort {
  readonly #worker: Worker

  constructor(worker: Worker) {
    this.#worker = worker
  }

  send(message: WorkerMessage): Promise<void> {
    return new Promise((resolve) => {
      this.#worker.process.send(message, undefined, undefined, () => resolve())
    })
  }

  onMessage(handler: (message: PrimaryMessage, socket: Socket | undefined) => void): void {
    process.on('message', (message, socket) => {
      if (isPrimaryMessage(message)) handler(message, socket as Socket | undefined)
    })
    process.send?.(LISTENING)
  }

  /** Node acknowledges such a message negatively, and forgets it, as it has no copy of a handle that was kept open. */
  onLost(handler: (id: number) => void): void {
    // Node emits it for every message of its own; its types do not know it.
    const channel: NodeJS.EventEmitter = process
    channel.on('internalMessage', (message: { cmd?: string; msg?: unknown }, handle: unknown) => {
      const isLost = message.cmd === 'NODE_HANDLE' && (handle === null || handle === undefined)
      if (isLost && isPrimaryMessage(message.msg) && message.msg.verb === 'connection') handler(message.msg.id)
    })
  }

  onDisconnect(handler: () => void): void {
    // Node ends a cluster worker at once when its channel closes, unless it believes that we meant to.
    this.#worker.once('disconnect', () => {
      this.#worker.exitedAfterDisconnect = true
      handler()
    })
  }
}

function ignore(): void {}

/** Node makes no stdio, whatever its types say, for a child it had no file descriptors left for. */
function lineTo({ process: { stdio } }: Worker): Socket | null {
  return ((stdio as typeof stdio | undefined)?.[WATCHDOG_FD] ?? null) as Socket | null
}
