import { systemClock, type Clock, type Timer } from '../clock.ts'
import { subscribe } from '../events.ts'
import { tell } from './notify.ts'
import type { LauncherStatus } from './operations.ts'
import { hasPulse, statusLine } from './status-line.ts'

export interface ServiceManagerOptions {
  /** Asked once a second. */
  readonly status: () => LauncherStatus
  /** Whether the launcher's processes can still do their work: while not, the watchdog is not fed. Default: {@link hasPulse} within the watchdog's time. */
  readonly alive?: () => boolean
  readonly clock?: Clock
  /** Default: `process.env`. */
  readonly env?: NodeJS.ProcessEnv
  /** Default: a datagram to `NOTIFY_SOCKET`. Must not reject. */
  readonly send?: (state: string) => Promise<unknown>
  /** Microseconds of CLOCK_MONOTONIC. */
  readonly monotonic?: () => bigint
}

type Managed = ServiceManagerOptions & Required<Pick<ServiceManagerOptions, 'send'>>
type State = 'STARTING' | 'READY' | 'RELOADING' | 'STOPPING'

const EVENTS = ['ready', 'reloading', 'reloaded', 'reload.failed', 'stopping'] as const
type ManagedEvent = (typeof EVENTS)[number]

/** What the service manager believes of us. It does not hear of a reload that begins before READY: it has not asked for one. */
const NEXT: Readonly<Record<State, Readonly<Partial<Record<ManagedEvent, State>>>>> = {
  STARTING: { ready: 'READY', stopping: 'STOPPING' },
  READY: { reloading: 'RELOADING', stopping: 'STOPPING' },
  RELOADING: { reloading: 'RELOADING', reloaded: 'READY', 'reload.failed': 'READY', stopping: 'STOPPING' },
  STOPPING: {},
}

interface Phase {
  /** Of the status text. */
  readonly prefix: string
  /** It may take longer than systemd would wait. */
  readonly isSlow: boolean
  /** It stands or falls with the services, not only with the launcher. */
  readonly isServing: boolean
}

/** A launcher that starts or stops has deadlines of its own for its workers; then it is enough that it runs itself. */
const PHASES: Readonly<Record<State, Phase>> = {
  STARTING: { prefix: 'Starting: ', isSlow: true, isServing: false },
  READY: { prefix: '', isSlow: false, isServing: true },
  RELOADING: { prefix: 'Reloading: ', isSlow: true, isServing: true },
  STOPPING: { prefix: 'Stopping: ', isSlow: true, isServing: false },
}

/** Milliseconds between two orders for more time, and the microseconds that each asks for: one may be late, or lost. */
const EXTEND_EVERY = 5000
const EXTENSION = `EXTEND_TIMEOUT_USEC=${3 * EXTEND_EVERY * 1000}`
const STATUS_EVERY = 1000
/** Characters. The service manager drops messages of more than 4096 octets. */
const LONGEST_STATUS = 1000

/**
 * Tells systemd (sd_notify(3)) what a launcher does: that it is ready, when every service is; that it reloads, as `Type=notify-reload` wants
 * it; that it stops; each second what it has to do, when that has changed; and at half of `WATCHDOG_USEC` that it is alive. While it starts,
 * reloads or stops it asks for more time every five seconds, so that systemd's own timeouts end only what is stuck.
 */
export class ServiceManager {
  readonly #options: Managed
  readonly #subscriptions: readonly (() => void)[]
  readonly #tickers: readonly Timer[]
  #state: State = 'STARTING'
  #told = ''
  /** Why the last reload failed. */
  #failure = ''
  /** Messages go in order: the first may wait for an import. */
  #sent: Promise<unknown> = Promise.resolve()

  /**
   * To be called before anything starts. Returns null, and sets nothing up, when `NOTIFY_SOCKET` is not set. The variables for it are removed
   * from `env`: workers do not speak for the launcher.
   */
  static attach(options: ServiceManagerOptions): ServiceManager | null {
    const { env = process.env } = options
    const { NOTIFY_SOCKET: address } = env
    const watchdog = watchdogTime(env)
    for (const variable of ['NOTIFY_SOCKET', 'WATCHDOG_USEC', 'WATCHDOG_PID']) delete env[variable]
    if (address === undefined || address === '') return null
    return new ServiceManager({ send: (state) => tell(address, state), ...options }, watchdog)
  }

  private constructor(options: Managed, watchdog: number | null) {
    const { clock = systemClock } = options
    this.#options = options
    this.#subscriptions = [...EVENTS.map((name) => subscribe(name, (event) => this.#onEvent(name, event))), subscribe('stopped', () => this.close())]
    this.#tickers = [
      clock.setTicker(() => this.#say(...this.#status()), STATUS_EVERY),
      clock.setTicker(() => this.#say(...this.#extension()), EXTEND_EVERY),
      ...(watchdog === null ? [] : [clock.setTicker(() => this.#say(...this.#pulse(watchdog)), watchdog / 2)]),
    ]
    this.#announce()
  }

  /** Resolves when everything that was to be told has been sent. */
  flush(): Promise<unknown> {
    return this.#sent
  }

  /** Tells nothing any more. The end of a stop does the same. */
  close(): void {
    for (const unsubscribe of this.#subscriptions) unsubscribe()
    for (const ticker of this.#tickers) ticker.cancel()
  }

  #onEvent(name: ManagedEvent, event: object): void {
    const next = NEXT[this.#state][name]
    if (next === undefined) return
    this.#state = next
    this.#failure = 'error' in event ? `Reload failed: ${messageOf(event.error)}. ` : ''
    this.#announce()
  }

  #announce(): void {
    this.#say(...this.#assignments[this.#state](), ...this.#extension(), ...this.#status())
  }

  readonly #assignments: Readonly<Record<State, () => string[]>> = {
    STARTING: () => [],
    READY: () => ['READY=1'],
    RELOADING: () => ['RELOADING=1', `MONOTONIC_USEC=${(this.#options.monotonic ?? monotonicMicroseconds)()}`],
    STOPPING: () => ['STOPPING=1'],
  }

  #extension(): string[] {
    return PHASES[this.#state].isSlow ? [EXTENSION] : []
  }

  #status(): string[] {
    const text = oneLine(`${this.#failure}${PHASES[this.#state].prefix}${statusLine(this.#options.status())}`)
    if (text === this.#told) return []
    this.#told = text
    return [`STATUS=${text}`]
  }

  #pulse(watchdog: number): string[] {
    const { status, alive = () => hasPulse(status(), watchdog / 1000) } = this.#options
    return !PHASES[this.#state].isServing || alive() ? ['WATCHDOG=1'] : []
  }

  #say(...assignments: string[]): void {
    if (assignments.length === 0) return
    this.#sent = this.#sent.then(() => this.#options.send(assignments.join('\n')))
  }
}

/** In milliseconds; null when there is none, or it is another process's. */
function watchdogTime({ WATCHDOG_USEC, WATCHDOG_PID }: NodeJS.ProcessEnv): number | null {
  if (WATCHDOG_PID !== undefined && WATCHDOG_PID !== String(process.pid)) return null
  const time = Number(WATCHDOG_USEC) / 1000
  return time > 0 ? time : null
}

/** A line break would begin another assignment. */
function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').slice(0, LONGEST_STATUS).trim()
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function monotonicMicroseconds(): bigint {
  return process.hrtime.bigint() / 1000n
}
