import { EventEmitter } from 'node:events'
import { Socket } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { onTestFinished } from 'vitest'
import { subscribe, type EventName, type Events } from '../../src/events.ts'
import type { Inspection } from '../../src/service/inspection.ts'
import type { PrimaryMessage, WorkerMessage } from '../../src/service/messages.ts'
import type { ChildPort, ParentPort, WorkerExit } from '../../src/service/ports.ts'
import type { Bound, ListeningService, ConnectionSource, Load, WorkItem } from '../../src/service/service-base.ts'

/** A worker process that does nothing by itself. */
export class FakeChild implements ChildPort {
  readonly pid: number
  readonly heard: PrimaryMessage[] = []
  readonly sockets: (Socket | undefined)[] = []
  readonly killed: string[] = []
  /** What its watchdog thread sees. */
  inspection: Inspection | null = null
  say: (message: WorkerMessage) => void = () => undefined
  exitWith: (exit: WorkerExit) => void = () => undefined

  constructor(pid: number) {
    this.pid = pid
  }

  send(message: PrimaryMessage, socket?: Socket): void {
    this.heard.push(message)
    if (message.verb === 'connection') this.sockets.push(socket)
  }

  onMessage(handler: (message: WorkerMessage) => void): void {
    this.say = handler
  }

  onExit(handler: (exit: WorkerExit) => void): void {
    this.exitWith = handler
  }

  kill(signal: string): void {
    this.killed.push(signal)
  }

  async inspect(): Promise<Inspection | null> {
    return this.inspection
  }

  exit(code: number): void {
    this.exitWith({ code, signal: null })
  }

  die(signal = 'SIGKILL'): void {
    this.exitWith({ code: null, signal })
  }

  /** Acknowledges everything it was handed up to `id`. */
  receive(ids: readonly number[], connections = ids.length, requests = 0): void {
    this.say({ verb: 'received', ids, connections, requests })
  }

  heardVerbs(): string[] {
    return this.heard.map((message) => message.verb)
  }
}

/** Forks {@link FakeChild}ren and keeps them. */
export class FakeForks {
  readonly children: FakeChild[] = []
  readonly apis: string[] = []
  /** What the next forks throw. */
  readonly errors: Error[] = []

  readonly fork = (api = 'compute'): ChildPort => {
    const error = this.errors.shift()
    if (error !== undefined) throw error
    const child = new FakeChild(100 + this.children.length)
    this.children.push(child)
    this.apis.push(api)
    return child
  }

  child(index: number): FakeChild {
    const found = this.children[index]
    if (found === undefined) throw new Error(`there was no fork ${index}`)
    return found
  }

  ready(...indexes: number[]): void {
    for (const index of indexes) this.child(index).say({ verb: 'ready' })
  }
}

/** The primary, from within a worker. */
export class FakeParent implements ParentPort {
  readonly heard: WorkerMessage[] = []
  order: (message: PrimaryMessage, socket?: Socket) => void = () => undefined
  lose: (id: number) => void = () => undefined
  die: () => void = () => undefined

  async send(message: WorkerMessage): Promise<void> {
    this.heard.push(message)
  }

  onMessage(handler: (message: PrimaryMessage, socket: Socket | undefined) => void): void {
    this.order = (message, socket) => handler(message, socket)
  }

  onLost(handler: (id: number) => void): void {
    this.lose = handler
  }

  onDisconnect(handler: () => void): void {
    this.die = handler
  }

  verbs(): string[] {
    return this.heard.map((message) => message.verb)
  }
}

export class FakeSource implements ConnectionSource {
  readonly label = '127.0.0.1:8774'
  closed = 0
  #handler: ((socket: Socket) => void) | undefined

  onConnection(handler: (socket: Socket) => void): void {
    this.#handler = handler
  }

  close(): void {
    this.closed += 1
  }

  get listening(): boolean {
    return this.#handler !== undefined
  }

  connect(): Socket {
    const socket = new Socket()
    this.#handler?.(socket)
    return socket
  }
}

/** A service whose start and stop last until a test ends them. It tells what was called, in order. */
export class FakeService implements ListeningService {
  readonly name: string
  readonly calls: string[] = []
  readonly sockets: Socket[] = []
  current: Load = { connections: 0, requests: 0 }
  cuts = 0
  work: WorkItem[] = []
  started: () => void = () => undefined
  failStart: (error: unknown) => void = () => undefined
  stopped: () => void = () => undefined
  failStop: (error: unknown) => void = () => undefined
  #end: Promise<void> | undefined

  readonly #source: ConnectionSource

  constructor(name = 'compute', source: ConnectionSource = new FakeSource()) {
    this.name = name
    this.#source = source
  }

  async bind(): Promise<Bound> {
    return { source: this.#source, place: { host: '127.0.0.1', port: 8774, url: 'http://127.0.0.1:8774/' } }
  }

  start(): Promise<void> {
    this.calls.push('start')
    return new Promise((resolve, reject) => {
      this.started = resolve
      this.failStart = reject
    })
  }

  accept(socket: Socket): void {
    this.calls.push('accept')
    this.sockets.push(socket)
  }

  load(): Load {
    return this.current
  }

  quiesce(): void {
    this.calls.push('quiesce')
  }

  stop(): void {
    this.calls.push('stop')
    this.#end ??= new Promise((resolve, reject) => {
      this.stopped = resolve
      this.failStop = reject
    })
  }

  async wait(): Promise<void> {
    await this.#end
  }

  abort(): number {
    this.calls.push('abort')
    return this.cuts
  }

  reset(): void {
    this.calls.push('reset')
  }

  mutate(settings: unknown): void {
    this.calls.push(`mutate ${JSON.stringify(settings)}`)
  }

  inProgress(): WorkItem[] {
    return this.work
  }
}

/** Stands for `process`, as far as signals go. */
export function fakeSignals(): EventEmitter {
  return new EventEmitter()
}

/** Everything published under `name` until the test has finished. */
export function record<N extends EventName>(name: N): Events[N][] {
  const seen: Events[N][] = []
  onTestFinished(subscribe(name, (event) => seen.push(event)))
  return seen
}

/** Lets promises and immediates that are due run. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await nextTurn()
}
