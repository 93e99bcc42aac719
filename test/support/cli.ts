import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url))

/** How a command ended, and all it said. */
export interface Finished {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** One line of the JSON log. */
export interface LogLine {
  readonly level: string
  readonly pid: number
  readonly name: string
  readonly msg: string
  readonly event?: string
  readonly [field: string]: unknown
}

interface ReadyApi {
  readonly api: string
  readonly host: string
  readonly port: number
  readonly url: string
}

/** What is run instead of the command. */
export interface Program {
  readonly file: string
  /** Options of node itself. */
  readonly nodeOptions?: readonly string[]
  /** Default: the node that runs the tests. */
  readonly node?: string
}

/** Whoever waits is asked again at each line, and told when no line can come any more. */
interface Waiter {
  check(): void
  giveUp(): void
}

/**
 * The real command in a process of its own, with everything it and its workers say. They are a process group, so that one signal ends
 * them all whatever has become of them.
 */
export class CliProcess {
  readonly #child: ChildProcess
  readonly #output: string[] = []
  readonly #waiters = new Set<Waiter>()
  readonly #ended: Promise<unknown>
  readonly #exited: Promise<unknown[]>
  #stderr = ''
  #state: 'running' | 'ended' = 'running'

  constructor(args: readonly string[], cwd: string, { file, nodeOptions = [], node = process.execPath }: Program = { file: CLI }) {
    this.#child = spawn(node, [...nodeOptions, file, ...args], { cwd, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
    this.#exited = once(this.#child, 'exit')
    // Each of its processes has our pipes: their end is the end of them all.
    this.#ended = once(this.#child, 'close').then(() => this.#over())
    this.#child.stderr!.setEncoding('utf8').on('data', (text: string) => (this.#stderr += text))
    createInterface({ input: this.#child.stdout! }).on('line', (line) => {
      this.#output.push(line)
      for (const waiter of this.#waiters) waiter.check()
    })
  }

  get pid(): number {
    return this.#child.pid!
  }

  get stderr(): string {
    return this.#stderr
  }

  /** Every line of standard output so far. */
  get output(): readonly string[] {
    return this.#output
  }

  /** The log lines of one event so far; of every event when none is named. */
  log(event?: string): LogLine[] {
    const lines = this.#output.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as LogLine)
    return event === undefined ? lines : lines.filter((line) => line.event === event)
  }

  /** Resolves with the first log line that is of this event and passes `matches`; rejects when all processes end without it. */
  line(event: string, matches: (line: LogLine) => boolean = () => true): Promise<LogLine> {
    return this.#await(`a log line "${event}"`, () => this.log(event).find(matches))
  }

  /** As {@link line}, for output that is not JSON. */
  text(pattern: RegExp): Promise<string> {
    return this.#await(`output like ${pattern}`, () => this.#output.find((line) => pattern.test(line)))
  }

  /** Resolves when every API serves. */
  async ready(): Promise<this> {
    await this.line('ready')
    return this
  }

  /** What an API listens on; for after {@link ready}. */
  address(api: string): ReadyApi {
    const found = (this.log('ready')[0]!['apis'] as ReadyApi[]).find((one) => one.api === api)
    if (found === undefined) throw new Error(`${api} is not served`)
    return found
  }

  port(api: string): number {
    return this.address(api).port
  }

  /** The pids of every worker the launcher ever started for this API, in order. Needs `log_level = debug`. */
  workers(api: string): number[] {
    return this.log('worker.started').filter((line) => line['api'] === api).map((line) => Number(/^Started child (\d+)/.exec(line.msg)![1]))
  }

  /** To the first process alone, as an operator's `kill` would. */
  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  /** To all of its processes, as systemd and a terminal send them. */
  signalAll(signal: NodeJS.Signals): void {
    process.kill(-this.pid, signal)
  }

  /** Resolves when the first process has ended, with its exit code or the signal that killed it. */
  async exited(): Promise<number | string | null> {
    const [code, signal] = (await this.#exited) as [number | null, string | null]
    return code ?? signal
  }

  /** Resolves when neither the first process nor any worker is left. */
  async allEnded(): Promise<void> {
    await this.#ended
  }

  /** Ends whatever is left of it. */
  async kill(): Promise<void> {
    try {
      this.signalAll('SIGKILL')
    } catch {
      // All of them have ended.
    }
    await this.#ended
  }

  async finished(): Promise<Finished> {
    await this.#ended
    const { exitCode: code, signalCode: signal } = this.#child
    return { code, signal, stdout: this.#output.map((line) => `${line}\n`).join(''), stderr: this.#stderr }
  }

  #over(): void {
    this.#state = 'ended'
    for (const waiter of this.#waiters) waiter.giveUp()
  }

  #await<T>(what: string, find: () => T | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        check: () => {
          const found = find()
          if (found === undefined) return
          this.#waiters.delete(waiter)
          resolve(found)
        },
        giveUp: () => reject(new Error(`all processes ended without ${what}:\n${this.#output.join('\n')}\n${this.#stderr}`)),
      }
      this.#waiters.add(waiter)
      waiter.check()
      if (this.#state === 'ended') waiter.giveUp()
    })
  }
}
