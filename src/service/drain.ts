import type { Clock, Timer } from '../clock.ts'
import { defer } from './deferred.ts'
import type { ServiceBase } from './service-base.ts'
import { attempt } from './service-voice.ts'
import type { StopOutcome } from './stop-outcome.ts'

/** How long a service may take to end once everything it had was cut. Shorter than the second after which the primary kills. */
const CUT_GRACE = 500

/** Stops one service: quiet, then stop, and at the deadline cut. */
export class Drain {
  readonly #service: ServiceBase
  readonly #clock: Clock
  readonly #abandoned = defer<void>()
  #state: 'SERVING' | 'QUIET' | 'STOPPING' | 'CUT' | 'ABANDONED' = 'SERVING'
  #timer: Timer | undefined
  #cut = 0

  constructor(service: ServiceBase, clock: Clock) {
    this.#service = service
    this.#clock = clock
  }

  quiesce(): void {
    if (this.#state !== 'SERVING') return
    this.#state = 'QUIET'
    attempt(this.#service, () => this.#service.quiesce?.())
  }

  /** Resolves when the service has ended. Rejects with what its `stop` or `wait` did. Once only; {@link limit} moves the deadline. */
  async stop(deadlineSeconds: number | null): Promise<StopOutcome> {
    this.quiesce()
    this.#state = 'STOPPING'
    this.limit(deadlineSeconds)
    try {
      await Promise.race([this.#finish(), this.#abandoned.promise])
    } finally {
      this.#timer?.cancel()
    }
    return { cut: this.#cut, clean: this.#cut === 0 && !this.#isAbandoned() }
  }

  async #finish(): Promise<void> {
    await this.#service.stop()
    await this.#service.wait()
  }

  /** Cuts what is still there in so many seconds from now; null for never. */
  limit(deadlineSeconds: number | null): void {
    if (this.#state !== 'STOPPING') return
    this.#timer?.cancel()
    if (deadlineSeconds !== null) this.#timer = this.#clock.setTimer(() => this.abort(), deadlineSeconds * 1000)
  }

  /** Cuts what is there now. */
  abort(): void {
    if (this.#state !== 'STOPPING') return
    this.#state = 'CUT'
    this.#timer?.cancel()
    // What a service returns is its author's word.
    this.#cut = Number(attempt(this.#service, () => this.#service.abort?.())) || 0
    this.#timer = this.#clock.setTimer(() => this.#abandon(), CUT_GRACE)
  }

  #abandon(): void {
    this.#state = 'ABANDONED'
    this.#abandoned.resolve()
  }

  #isAbandoned(): boolean {
    return this.#state === 'ABANDONED'
  }
}
