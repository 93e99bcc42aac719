/** Runs one restart at a time. What is asked for meanwhile is one more after it, however often it is asked for. */
export class RestartQueue<Outcome> {
  readonly #run: (reason: string) => Promise<Outcome>
  #running: Promise<Outcome> | null = null
  #waiting: Promise<Outcome> | null = null

  /** `run` must not reject. */
  constructor(run: (reason: string) => Promise<Outcome>) {
    this.#run = run
  }

  get busy(): boolean {
    return this.#running !== null
  }

  ask(reason: string): Promise<Outcome> {
    if (this.#running === null) return this.#begin(reason)
    this.#waiting ??= this.#running.then(() => this.#begin(reason))
    return this.#waiting
  }

  async #begin(reason: string): Promise<Outcome> {
    this.#waiting = null
    this.#running = this.#run(reason)
    try {
      return await this.#running
    } finally {
      this.#running = null
    }
  }
}
