import { ConfigError, type ConfigProblem } from './errors.ts'

/** Gathers everything that is wrong, so that an operator is told it at once. */
export class Problems {
  readonly #found: ConfigProblem[] = []
  readonly #causes: ConfigError[] = []

  /** How many there are. */
  get count(): number {
    return this.#found.length
  }

  get list(): readonly ConfigProblem[] {
    return this.#found
  }

  /** What `work` returns; undefined when it throws a ConfigError, which is kept. Throws whatever else it throws. */
  try<T>(work: () => T): T | undefined {
    try {
      return work()
    } catch (error) {
      this.add(error)
      return undefined
    }
  }

  /** As {@link try}, for what takes its time. */
  async tryAsync<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work()
    } catch (error) {
      this.add(error)
      return undefined
    }
  }

  /** Keeps a ConfigError, each problem once; throws any other error. */
  add(error: unknown): void {
    if (!(error instanceof ConfigError)) throw error
    this.#causes.push(error)
    const known = new Set(this.#found.map(describe))
    this.#found.push(...error.problems.filter((problem) => !known.has(describe(problem))))
  }

  /** Throws one ConfigError with all that was found, if anything was. */
  throwAny(): void {
    const [first, ...others] = this.#found
    if (first === undefined) return
    throw this.#causes.length === 1 ? this.#causes[0] : new ConfigError([first, ...others], { cause: this.#causes[0] })
  }
}

function describe(problem: ConfigProblem): string {
  return JSON.stringify(problem)
}
