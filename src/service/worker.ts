import { url } from 'node:inspector'
import type { Socket } from 'node:net'
import { systemClock, type Clock } from '../clock.ts'
import { emit } from '../events.ts'
import { openParentPort } from './cluster-port.ts'
import type { Backdoor } from './backdoor.ts'
import type { BackdoorConf } from './backdoor-place.ts'
import { defer } from './deferred.ts'
import { Drain } from './drain.ts'
import { Heartbeat } from './heartbeat.ts'
import { LoadReporter } from './load-reporter.ts'
import type { LogControl } from './log-control.ts'
import { describeFailure, type PrimaryMessage } from './messages.ts'
import { openBackdoor } from './own-backdoor.ts'
import type { ParentPort } from './ports.ts'
import { isConnectionService, type Load, type ServiceBase, type WorkItem } from './service-base.ts'
import { workOf } from './service-voice.ts'
import { type SignalAction, SignalHandler, type SignalSource, signals as ownSignals } from './signals.ts'
import { startWatchdog } from './watchdog.ts'

export interface WorkerOptions {
  /** The service's name. */
  readonly name: string
  /** Makes the service; what it throws ends the worker and is told to the primary. */
  readonly create: () => Promise<ServiceBase>
  /** It works. */
  readonly onReady?: (service: ServiceBase) => void
  /** Takes settings over that the primary has read again. Default: the service's own `mutate`. */
  readonly mutate?: (settings: unknown) => void
  readonly log?: LogControl | undefined
  /** False where nobody asks what a blocked main loop does: the thread that would tell takes 9 MB of memory. Default true. */
  readonly watched?: boolean
  /** Whether there is a backdoor, and where. Default: none. */
  readonly backdoor?: Partial<BackdoorConf>
  /** Seconds this worker gives its requests when the primary has died; 0 for as long as they take. Default 60. */
  readonly gracefulTimeout?: number
  readonly clock?: Clock
  /** Default: the channel `forkClusterWorker` made. */
  readonly port?: ParentPort
  /** Default: those of the process. */
  readonly signals?: SignalSource
}

/**
 * A worker's whole life: makes and starts the service, serves what the primary hands over, and resolves with the exit code when the
 * primary said stop (or died) and everything is finished: 0, or 1 when requests were cut, the start failed, or the primary is gone.
 * The caller exits with it; the channel to the primary keeps the process alive otherwise.
 */
export function runWorker(options: WorkerOptions): Promise<number> {
  return new Worker(options).run()
}

/** The service is not there yet. Orders wait, and are carried out in their order when it is. */
interface StartingPhase {
  readonly name: 'STARTING'
  readonly orders: [PrimaryMessage, Socket | undefined][]
}

interface ServingPhase {
  readonly name: 'SERVING' | 'STOPPING'
  readonly service: ServiceBase
  readonly drain: Drain
  readonly reporter: LoadReporter
}

type WorkerPhase = StartingPhase | ServingPhase | { readonly name: 'ENDED' }

class Worker {
  readonly #options: WorkerOptions
  readonly #clock: Clock
  readonly #port: ParentPort
  readonly #signals: SignalHandler
  readonly #exitCode = defer<number>()
  #backdoor: Backdoor | null = null
  #heartbeat: Heartbeat | null = null
  #phase: WorkerPhase = { name: 'STARTING', orders: [] }

  constructor(options: WorkerOptions) {
    this.#options = options
    this.#clock = options.clock ?? systemClock
    this.#port = options.port ?? openParentPort()
    this.#signals = options.signals === undefined ? ownSignals : new SignalHandler(options.signals)
  }

  async run(): Promise<number> {
    const unhandle = Object.entries(this.#signalActions()).map(([signal, action]) => this.#signals.add(signal, action))
    this.#port.onMessage((message, socket) => this.#onMessage(message, socket))
    this.#port.onLost((id) => void this.#port.send({ verb: 'refused', id }))
    this.#port.onDisconnect(() => this.#onParentDied())
    void this.#start(this.#options.watched === false ? Promise.resolve() : startWatchdog(() => this.#inProgress()))
    const code = await this.#exitCode.promise
    this.#heartbeat?.stop()
    await this.#backdoor?.close()
    for (const each of unhandle) each()
    return code
  }

  /** INT of a terminal goes to the whole process group, and so may any other: what the whole is to do is for the primary to say. */
  #signalActions(): Record<string, SignalAction> {
    return {
      SIGTERM: () => this.#tellStopWish(),
      SIGINT: leaveToPrimary,
      SIGHUP: () => this.#tellResetWish(),
      SIGTTIN: leaveToPrimary,
      SIGTTOU: leaveToPrimary,
      SIGUSR1: () => this.#options.log?.reopen(),
      SIGUSR2: leaveToPrimary,
    }
  }

  /** A worker that is ready is watched. */
  async #start(watched: Promise<void>): Promise<void> {
    try {
      const service = await this.#options.create()
      await watched
      if (this.#phase.name !== 'STARTING') return
      await service.start()
      this.#backdoor = await openBackdoor(this.#options.backdoor ?? {}, { service })
      this.#serve(service)
    } catch (error) {
      await this.#fail(error)
    }
  }

  #serve(service: ServiceBase): void {
    if (this.#phase.name !== 'STARTING') return void dismiss(service)
    const { orders } = this.#phase
    const send = this.#port.send.bind(this.#port)
    const load = isConnectionService(service) ? () => service.load() : () => NO_LOAD
    const reporter = new LoadReporter(load, (message) => void send(message), this.#clock)
    this.#phase = { name: 'SERVING', service, drain: new Drain(service, this.#clock), reporter }
    void send(url() === undefined ? { verb: 'ready' } : { verb: 'ready', debugged: true })
    this.#heartbeat = new Heartbeat(service, (message) => void send(message), this.#clock)
    this.#options.onReady?.(service)
    for (const [message, socket] of orders) this.#onMessage(message, socket)
  }

  #onMessage(message: PrimaryMessage, socket: Socket | undefined): void {
    if (this.#phase.name === 'STARTING') this.#postpone(this.#phase, message, socket)
    else if (this.#phase.name !== 'ENDED') this.#obey(this.#phase, message, socket)
  }

  /** Nothing is served yet, so a stop needs no service, unless a connection already waits for it here. */
  #postpone({ orders }: StartingPhase, message: PrimaryMessage, socket: Socket | undefined): void {
    if (message.verb === 'stop' && !orders.some(([order]) => order.verb === 'connection')) this.#end(0)
    else orders.push([message, socket])
  }

  #obey(phase: ServingPhase, message: PrimaryMessage, socket: Socket | undefined): void {
    switch (message.verb) {
      case 'connection':
        return acceptConnection(phase, message.id, socket)
      case 'quiesce':
        return phase.drain.quiesce()
      case 'stop':
        return phase.name === 'STOPPING' ? phase.drain.limit(message.deadlineSeconds) : void this.#stop(phase, message.deadlineSeconds, 0)
      case 'mutate':
        return void this.#mutate(phase.service, message.settings)
      case 'reopen-logs':
        return this.#options.log?.reopen()
      case 'log-level':
        return this.#options.log?.setLevel(message.level)
      case 'list-work':
        return this.#listWork(message.olderThan)
    }
  }

  /** The service serves on whatever comes of it. */
  async #mutate(service: ServiceBase, settings: unknown): Promise<void> {
    const { mutate = (given: unknown) => service.mutate?.(given) } = this.#options
    try {
      if (settings !== null) mutate(settings)
      await service.reset()
    } catch (error) {
      emit('reload.failed', { method: 'mutate', replaced: 0, error })
    }
  }

  #inProgress(): readonly WorkItem[] {
    return 'service' in this.#phase ? workOf(this.#phase.service) : []
  }

  #listWork(olderThan: number): void {
    const items = this.#inProgress().filter(({ seconds }) => seconds >= olderThan)
    void this.#port.send({ verb: 'work', items })
  }

  /** `code` is what a clean stop exits with. */
  async #stop(phase: ServingPhase, deadlineSeconds: number | null, code: number): Promise<void> {
    this.#phase = { ...phase, name: 'STOPPING' }
    try {
      const { cut, clean } = await phase.drain.stop(deadlineSeconds)
      await this.#port.send({ verb: 'stopped', cut })
      this.#end(clean ? code : 1)
    } catch (error) {
      await this.#fail(error)
    }
  }

  async #fail(error: unknown): Promise<void> {
    await this.#port.send({ verb: 'failed', error: describeFailure(error) })
    this.#end(1)
  }

  #end(code: number): void {
    this.#phase = { name: 'ENDED' }
    this.#exitCode.resolve(code)
  }

  /** The primary may have connections on their way here, so it says when to stop, after the last of them. */
  #tellStopWish(): void {
    if (this.#phase.name === 'STARTING' || this.#phase.name === 'SERVING') void this.#port.send({ verb: 'stopping' })
  }

  /** Somebody sent HUP to this process alone. */
  #tellResetWish(): void {
    if (this.#phase.name === 'SERVING') void this.#port.send({ verb: 'reset-asked' })
  }

  /** A stop that has begun already goes on with its own deadline. */
  #onParentDied(): void {
    const phase = this.#phase
    if (phase.name !== 'ENDED') emit('parent.died', { api: this.#options.name })
    if (phase.name === 'STARTING') this.#end(1)
    if (phase.name === 'SERVING') void this.#stop(phase, (this.#options.gracefulTimeout ?? 60) || null, 1)
  }
}

function acceptConnection({ service, reporter }: ServingPhase, id: number, socket: Socket | undefined): void {
  if (socket !== undefined) {
    // Node makes a received socket without it, and would answer a client's FIN with ours before the reply is out.
    socket.allowHalfOpen = true
    socket.pause()
    socket.once('close', () => reporter.changed())
    if (isConnectionService(service)) service.accept(socket)
  }
  reporter.received(id)
}

/** It has started when nobody wants it any more: what it began must not keep the process. */
async function dismiss(service: ServiceBase): Promise<void> {
  try {
    await service.stop()
  } catch {
    // The worker has told already how it ends.
  }
}

/** Of a service that serves no connections. */
const NO_LOAD: Load = { connections: 0, requests: 0 }

function leaveToPrimary(): void {}
