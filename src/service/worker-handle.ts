import type { Socket } from 'node:net'
import type { Clock, Timer } from '../clock.ts'
import type { Candidate } from './accept-policy.ts'
import { defer, type Deferred } from './deferred.ts'
import type { Inspection } from './inspection.ts'
import { type PrimaryMessage, reviveFailure, type WorkerMessage } from './messages.ts'
import type { ProcessStatus, WorkerReport } from './operations.ts'
import type { ChildPort, WorkerExit } from './ports.ts'
import { Recycling } from './recycling.ts'
import type { Load, WorkItem } from './service-base.ts'
import { isPossible, transition, type WorkerAction, type WorkerEvent, type WorkerState } from './worker-state.ts'

/** What a worker has to tell the one who forked it. */
export interface WorkerObserver {
  workerReady(worker: WorkerHandle): void
  /** It got TERM and waits for our stop. */
  workerWantsStop(worker: WorkerHandle): void
  workerFailed(worker: WorkerHandle, error: Error): void
  /** `expected`: it had been asked to stop. */
  workerExited(worker: WorkerHandle, exit: WorkerExit, expected: boolean): void
  /** It may take a connection again. */
  workerHasRoom(worker: WorkerHandle): void
  /** Its main loop runs, and this is what it does. */
  workerBeat(worker: WorkerHandle, report: WorkerReport): void
  /** It got HUP and wants the settings as they are now. */
  workerWantsReset(worker: WorkerHandle): void
  /** It had no file descriptor left for this connection. */
  workerRefused(worker: WorkerHandle, socket: Socket): void
}

/**
 * Connections on their way to one worker at once. Node sends the next handle only when the last one was acknowledged, and goes over its
 * whole queue each time: few here keep that cheap, leave the choice of the worker to the last moment, and lose nothing in speed.
 */
const WINDOW = 16
/** From a worker's last word, or from its deadline, to SIGKILL. */
const EXIT_GRACE = 1000
/** What a worker gets to tell what it is doing; one that is blocked tells nothing. */
const ANSWER_WAIT = 1000

/** The primary's view of one worker process. */
export class WorkerHandle implements Candidate {
  readonly pid: number
  lastChosen = 0
  readonly #port: ChildPort
  readonly #clock: Clock
  readonly #observer: WorkerObserver
  readonly forkedAt: number
  readonly recycling: Recycling = new Recycling()
  readonly #actions: Readonly<Record<WorkerAction, () => void>>
  readonly #inTransit = new Map<number, Socket>()
  #state: WorkerState = 'STARTING'
  #load: Load = { connections: 0, requests: 0 }
  #wasReady = false
  #debugged = false
  #killed = false
  #window = WINDOW
  #handed = 0
  #cut: number | null = null
  #deadlineSeconds: number | null = null
  #failure = new Error('unknown')
  #exit: WorkerExit = { code: null, signal: null }
  #report: WorkerReport | null = null
  #heardAt: number
  #asked: Deferred<readonly WorkItem[] | null> | null = null
  #killTimer: Timer | undefined

  constructor(port: ChildPort, clock: Clock, observer: WorkerObserver) {
    this.pid = port.pid
    this.#port = port
    this.#clock = clock
    this.#observer = observer
    this.forkedAt = clock.now()
    this.#heardAt = this.forkedAt
    this.#actions = this.#makeActions()
    port.onMessage((message) => this.#onMessage(message))
    port.onExit((exit) => this.#onExit(exit))
  }

  get state(): WorkerState {
    return this.#state
  }

  /** It got ready, whatever came then. */
  get wasReady(): boolean {
    return this.#wasReady
  }

  get accepting(): boolean {
    return this.#state === 'READY' && this.#inTransit.size < this.#window
  }

  get connections(): number {
    return this.#load.connections + this.#inTransit.size
  }

  get requests(): number {
    return this.#load.requests
  }

  /** Requests it said it had to cut. Of one that was ended before it could: those it was last known to be answering. */
  get cut(): number {
    return this.#cut ?? this.#load.requests
  }

  /** When it last said something of its main loop, on the clock's scale; before its first word, when it got ready. */
  get heardAt(): number {
    return this.#heardAt
  }

  /** A debugger is attached to it: it may stand still as long as somebody looks at it. */
  get debugged(): boolean {
    return this.#debugged
  }

  /** Seconds since it was forked. */
  get age(): number {
    return (this.#clock.now() - this.forkedAt) / 1000
  }

  status(): ProcessStatus {
    const silent = this.#report === null ? null : (this.#clock.now() - this.#heardAt) / 1000
    return { pid: this.pid, state: this.#state, age: this.age, silent, report: this.#report }
  }

  tell(message: PrimaryMessage): void {
    this.#port.send(message)
  }

  /** What it has been doing for more than so many seconds; null when it does not answer. */
  async listWork(olderThan: number): Promise<readonly WorkItem[] | null> {
    if (this.#asked === null) {
      const asked = defer<readonly WorkItem[] | null>()
      this.#asked = asked
      this.#port.send({ verb: 'list-work', olderThan })
      const timer = this.#clock.setTimer(() => asked.resolve(null), ANSWER_WAIT)
      void asked.promise.then(() => timer.cancel())
    }
    const items = await this.#asked.promise
    this.#asked = null
    return items
  }

  /** Gives it a connection. Our own end of it stays open until the worker says that it has its own. */
  hand(socket: Socket): void {
    this.#handed += 1
    this.#inTransit.set(this.#handed, socket)
    this.#port.send({ verb: 'connection', id: this.#handed }, socket)
  }

  /** The connections it never acknowledged, the oldest first; they are the caller's again. */
  reclaim(): Socket[] {
    const sockets = [...this.#inTransit.values()]
    this.#inTransit.clear()
    return sockets
  }

  quiesce(): void {
    this.#port.send({ verb: 'quiesce' })
  }

  /** Asks it to finish within so many seconds (null: as long as it takes), and kills it when it is still there a second later. */
  stop(deadlineSeconds: number | null): void {
    this.#deadlineSeconds = deadlineSeconds
    this.#on('stop-asked')
  }

  kill(): void {
    this.#killed = true
    this.#port.kill('SIGKILL')
  }

  /** It was us. */
  get killed(): boolean {
    return this.#killed
  }

  /** What its main loop does, also when that is blocked; null when nobody tells. */
  inspect(): Promise<Inspection | null> {
    return this.#port.inspect()
  }

  #on(event: WorkerEvent): void {
    const [next, action] = transition(this.#state, event)
    this.#state = next
    this.#actions[action]()
  }

  #makeActions(): Record<WorkerAction, () => void> {
    const observer = this.#observer
    return {
      nothing: () => undefined,
      'announce-ready': () => {
        this.#wasReady = true
        this.#heardAt = this.#clock.now()
        observer.workerReady(this)
      },
      'announce-stop-wish': () => observer.workerWantsStop(this),
      'announce-failure': () => {
        this.#killIn(EXIT_GRACE)
        observer.workerFailed(this, this.#failure)
      },
      'order-stop': () => this.#orderStop(),
      'expect-exit': () => this.#killIn(EXIT_GRACE),
      'announce-loss': () => observer.workerExited(this, this.#exit, false),
      'announce-end': () => observer.workerExited(this, this.#exit, true),
    }
  }

  #orderStop(): void {
    this.#port.send({ verb: 'stop', deadlineSeconds: this.#deadlineSeconds })
    if (this.#deadlineSeconds !== null) this.#killIn(this.#deadlineSeconds * 1000 + EXIT_GRACE)
  }

  #killIn(milliseconds: number): void {
    this.#killTimer?.cancel()
    this.#killTimer = this.#clock.setTimer(() => this.kill(), milliseconds)
  }

  #onExit(exit: WorkerExit): void {
    this.#killTimer?.cancel()
    this.#exit = exit
    this.#on('exit')
  }

  #onMessage(message: WorkerMessage): void {
    switch (message.verb) {
      case 'received':
        this.#acknowledge(message.ids)
        return this.#update(message)
      case 'load':
        return this.#update(message)
      case 'refused':
        return this.#takeBack(message.id)
      case 'ready':
        this.#debugged = message.debugged === true
        break
      case 'failed':
        this.#failure = reviveFailure(message.error)
        break
      case 'stopped':
        this.#cut = message.cut
        break
      case 'beat':
        this.#report = message.report
        this.#heardAt = this.#clock.now()
        return this.#observer.workerBeat(this, message.report)
      case 'reset-asked':
        return this.#observer.workerWantsReset(this)
      case 'work':
        return this.#asked?.resolve(message.items)
      default:
    }
    if (isPossible(this.#state, message.verb)) this.#on(message.verb)
  }

  /** The worker has its own descriptor now; closing ours does not touch the connection. */
  #acknowledge(ids: readonly number[]): void {
    for (const id of ids) {
      this.#inTransit.get(id)?.destroy()
      this.#inTransit.delete(id)
    }
  }

  #update(load: Load): void {
    this.#load = load
    this.#window = WINDOW
    this.#observer.workerHasRoom(this)
  }

  /** It gets no more until it tells a new load: then a descriptor may be free again. */
  #takeBack(id: number): void {
    const socket = this.#inTransit.get(id)
    this.#inTransit.delete(id)
    this.#window = 0
    if (socket !== undefined) this.#observer.workerRefused(this, socket)
  }
}
