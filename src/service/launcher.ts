import { systemClock, type Clock } from '../clock.ts'
import { emit } from '../events.ts'
import { ControlServer } from './control-server.ts'
import { isDaemon } from './daemon.ts'
import { defer } from './deferred.ts'
import type { LauncherConf } from './launcher-conf.ts'
import { ACTION_WORDS, type LauncherAction, type LauncherState, SIGNALS } from './launcher-signals.ts'
import type { LogControl } from './log-control.ts'
import type { LauncherStatus, Operations, ReloadOutcome, StuckProcess } from './operations.ts'
import type { LauncherHooks } from './reconfiguration.ts'
import { checkBackdoor } from './own-backdoor.ts'
import { PartialReload } from './replacer.ts'
import { RestartQueue } from './restart-queue.ts'
import { type RestartMethod, restartMethodOf } from './restart-method.ts'
import type { ConnectionSource } from './service-base.ts'
import { ServiceManager } from './service-manager.ts'
import { SignalHandler, type SignalSource, signals as ownSignals } from './signals.ts'
import { StopSequence, type StopTimes } from './stop-sequence.ts'
import type { StopOutcome } from './stop-outcome.ts'
import type { Unit } from './unit.ts'

export interface LauncherOptions {
  readonly clock?: Clock
  /** Default: those of the process. */
  readonly signals?: SignalSource
  /** False where HUP means that the terminal goes. Default: oslo.service's rule. */
  readonly isDaemon?: () => boolean
  readonly hooks?: LauncherHooks
  /** The log of the process, for whoever asks to have it opened anew, or another level. */
  readonly log?: LogControl
}

/** A slip of the finger must not take the machine down. */
const MOST_WORKERS = 1024

/** Work older than this, in seconds, is in the report that USR2 asks for. */
const STUCK = 1

/** The longest interval there is, in milliseconds. */
const LONGEST = 2 ** 31 - 1

/** What both launchers are: services that are started together, signals, restarts, and one way to stop. */
export abstract class Launcher implements Operations {
  protected readonly clock: Clock
  protected readonly units: Unit[] = []
  protected readonly hooks: LauncherHooks
  protected readonly log: LogControl | undefined
  protected readonly times: StopTimes = { gracefulTimeout: 60, drainDelay: 0 }
  readonly #startedAt: number
  readonly #began: number
  readonly #isDaemon: () => boolean
  readonly #signals: SignalHandler
  readonly #sequence: StopSequence
  readonly #restarts = new RestartQueue((reason) => this.#restart(reason))
  readonly #interrupted = defer<false>()
  readonly #exitCode = defer<number>()
  #method: RestartMethod = 'reload'
  #state: LauncherState = 'NEW'
  #start: Promise<boolean> | null = null
  #unhandle: (() => void)[] = []
  #manager: ServiceManager | null = null
  readonly #controlPath: string | null
  #control: ControlServer | null = null

  /** Throws RangeError `Invalid restart_method: …`, and ConfigError for a `backdoor_port` that is none. */
  constructor(conf: LauncherConf = {}, options: LauncherOptions = {}) {
    const { clock = systemClock, signals, hooks = {} } = options
    this.clock = clock
    this.hooks = hooks
    this.log = options.log
    this.#startedAt = clock.wallTime()
    this.#began = clock.now()
    this.#isDaemon = options.isDaemon ?? isDaemon
    checkBackdoor(conf)
    this.#controlPath = conf.control_socket ?? null
    this.configure(conf)
    this.#sequence = new StopSequence({ units: this.units, clock, times: this.times })
    this.#signals = signals === undefined ? ownSignals : new SignalHandler(signals)
  }

  /** Takes these over, for what begins from now on. */
  protected configure({ graceful_shutdown_timeout = 60, drain_delay = 0, restart_method }: LauncherConf): void {
    this.#method = restartMethodOf(restart_method)
    this.times.gracefulTimeout = graceful_shutdown_timeout
    this.times.drainDelay = drain_delay
  }

  /** Adds a service. While the launcher runs it is started at once, and this rejects with what its start does. */
  protected async add(unit: Unit): Promise<void> {
    this.units.push(unit)
    if (this.#state !== 'RUNNING') return
    await unit.bind()
    await startUnit(unit)
  }

  protected async remove(unit: Unit): Promise<void> {
    await unit.drain()
    this.units.splice(this.units.indexOf(unit), 1)
  }

  /** What is opened when all services work, and {@link closed} again when they have ended. */
  protected async opened(): Promise<void> {}

  protected async closed(): Promise<void> {}

  /** What the services listen on now. */
  protected get sources(): ConnectionSource[] {
    return this.units.flatMap(({ source }) => source ?? [])
  }

  /** What HUP does to the services; resolves with how many processes were replaced. */
  protected abstract renew(method: RestartMethod): Promise<number>

  /**
   * Starts every service and resolves with true when all of them work, with false when a signal ended the start. When one cannot start,
   * everything is stopped again and this rejects with that one's error.
   */
  start(): Promise<boolean> {
    this.#start ??= this.#startAll()
    return this.#start
  }

  /**
   * Starts the services, if nobody has yet, and resolves with the exit code when everything has ended: 0 after a clean stop, 1 when anything was
   * cut or killed. Rejects as {@link start} does.
   */
  async wait(): Promise<number> {
    // Node ends a process that waits for nothing but signals, and no timer of ours keeps it.
    const kept = setInterval(nothing, LONGEST)
    try {
      await this.start()
      return await this.#exitCode.promise
    } finally {
      clearInterval(kept)
      await this.#manager?.flush()
    }
  }

  status(): LauncherStatus {
    return {
      pid: process.pid,
      state: this.#state === 'RUNNING' && this.#restarts.busy ? 'RELOADING' : this.#state,
      startedAt: this.#startedAt,
      uptime: (this.clock.now() - this.#began) / 1000,
      services: this.units.map((unit) => unit.status()),
    }
  }

  restart(reason = 'asked for'): Promise<ReloadOutcome> {
    return this.#restarts.ask(reason)
  }

  stop(pace: 'graceful' | 'immediate' = 'graceful'): void {
    if (pace === 'immediate') this.#exitNow('asked for')
    else this.#stop('asked for')
  }

  async scale(service: string, workers: number): Promise<number> {
    if (!Number.isInteger(workers) || workers < 1 || workers > MOST_WORKERS) throw new RangeError(`expected a number of workers from 1 to ${MOST_WORKERS}, not ${workers}`)
    const unit = this.#find(service)
    const before = unit.workers
    unit.scale(workers)
    return before
  }

  async drain(service: string): Promise<StopOutcome> {
    return this.#find(service).drain()
  }

  setLogLevel(level: string): void {
    this.log?.setLevel(level)
    for (const unit of this.units) unit.tell({ verb: 'log-level', level })
  }

  async stuck(seconds: number): Promise<StuckProcess[]> {
    const found = await Promise.all(this.units.map((unit) => unit.stuck(seconds)))
    return found.flat()
  }

  /** Throws when the launcher stops, or has stopped: then nothing new may begin. */
  protected checkRunning(): void {
    if (this.#state !== 'RUNNING') throw new Error('the launcher stops')
  }

  #find(service: string): Unit {
    const found = this.units.find(({ name }) => name === service)
    if (found === undefined) throw new RangeError(`there is no service ${service}, only ${this.units.map(({ name }) => name).join(', ')}`)
    return found
  }

  async #startAll(): Promise<boolean> {
    this.#state = 'RUNNING'
    this.#manager = ServiceManager.attach({ status: () => this.status(), clock: this.clock })
    this.#unhandle = Object.keys(SIGNALS.RUNNING).map((signal) => this.#signals.add(signal, (caught) => this.#onSignal(caught)))
    try {
      const complete = await Promise.race([this.#startUnits(), this.#interrupted.promise])
      if (!complete) return false
      await this.opened()
      emit('ready', { apis: this.units.map(({ listening }) => listening), workers: this.units.reduce((sum, { workers }) => sum + workers, 0) })
      return true
    } catch (error) {
      this.#exitNow('start failed')
      await this.#exitCode.promise
      throw error
    }
  }

  /** Everything is bound before anything is started: a port in use is one clear error, not a storm of workers that cannot start. */
  async #startUnits(): Promise<true> {
    if (this.#controlPath !== null) this.#control = await ControlServer.open({ path: this.#controlPath, operations: this, clock: this.clock })
    const units = [...this.units]
    for (const unit of units) await unit.bind()
    await Promise.all(units.map(startUnit))
    return true
  }

  async #restart(reason: string): Promise<ReloadOutcome> {
    const method = this.#method
    const began = this.clock.now()
    emit('reloading', { method, reason })
    try {
      await this.start()
      this.checkRunning()
      const replaced = await this.renew(method)
      emit('reloaded', { method, replaced, seconds: (this.clock.now() - began) / 1000 })
      return { done: true, replaced }
    } catch (error) {
      const replaced = error instanceof PartialReload ? error.replaced : 0
      emit('reload.failed', { method, replaced, error })
      return { done: false, replaced, reason: error instanceof Error ? error.message : String(error) }
    }
  }

  #onSignal(signal: NodeJS.Signals): void {
    const action = SIGNALS[this.#state][signal] ?? 'ignore'
    const meant = action === 'restart' && !this.#isDaemon() ? 'stop' : action
    emit('signal.caught', { signal, action: ACTION_WORDS[meant] })
    if (meant !== 'ignore') this.#actions[meant](signal)
  }

  readonly #actions: Readonly<Record<LauncherAction, (signal: string) => void>> = {
    stop: (signal) => this.#stop(signal),
    'exit-now': (signal) => this.#exitNow(signal),
    restart: (signal) => void this.restart(signal),
    'one-more': () => this.#scaleAll(1),
    'one-less': () => this.#scaleAll(-1),
    'reopen-logs': () => this.#reopenLogs(),
    report: (signal) => void this.#report().catch((error: unknown) => emit('signal.failed', { signal, error })),
  }

  /** Of each service that has workers; the last one stays. */
  #scaleAll(by: 1 | -1): void {
    for (const unit of this.units) if (unit.scalable) unit.scale(Math.max(1, unit.workers + by))
  }

  #reopenLogs(): void {
    this.log?.reopen()
    for (const unit of this.units) unit.tell({ verb: 'reopen-logs' })
  }

  async #report(): Promise<void> {
    emit('report', { status: this.status(), options: this.hooks.options?.() ?? [], stuck: await this.stuck(STUCK) })
  }

  #exitNow(reason: string): void {
    this.#sequence.cutShort()
    this.#stop(reason)
  }

  #stop(reason: string): void {
    if (this.#state === 'STOPPING') return
    this.#state = 'STOPPING'
    this.#interrupted.resolve(false)
    this.#exitCode.resolve(this.#runDown(reason))
  }

  async #runDown(reason: string): Promise<number> {
    try {
      return await this.#sequence.run(reason)
    } finally {
      await this.#release()
    }
  }

  async #release(): Promise<void> {
    for (const unhandle of this.#unhandle.splice(0)) unhandle()
    await this.closed()
    await this.#control?.close()
  }
}

function nothing(): void {}

function startUnit(unit: Unit): Promise<void> {
  emit('api.starting', { api: unit.name, workers: unit.workers, listening: unit.label })
  return unit.start()
}
