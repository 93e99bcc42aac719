import { readFileSync } from 'node:fs'
import type { CliProcess } from '../../support/cli.ts'
import { descriptorsOf } from '../../support/procfs.ts'
import { RawClient, type RawResponse } from '../../support/raw-client.ts'
import type { Site, SitePlan } from '../../support/site.ts'

/** What the app of test/fixtures/apps/witness.js counts. */
export interface Seen {
  readonly begun: number
  /** `request.signal` said so. */
  readonly aborted: number
  /** A reply's stream came to an end: its own, or it was told to. */
  readonly destroyed: number
  /** Request bodies read to their end. */
  readonly whole: number
  readonly bodyErrors: number
  readonly octets: number
}

type Options = Readonly<Record<string, string | number | boolean>>

export interface VictimPlan {
  /** Of `[wsgi]`. */
  readonly options?: Options
  /** Of `[DEFAULT]`. */
  readonly DEFAULT?: Options
  /** Instead of one process that does it all. */
  readonly worker?: boolean
}

/** A server that is attacked: the witness, and a client of it that looks how it is. */
export class Victim {
  readonly server: CliProcess
  readonly port: number
  /** The process the app is in. */
  readonly pid: number
  readonly #client: RawClient

  private constructor(server: CliProcess, client: RawClient, pid: number) {
    this.server = server
    this.port = server.port('api')
    this.pid = pid
    this.#client = client
  }

  static async serve(makeSite: (plan: SitePlan) => Site, { options = {}, DEFAULT = {}, worker = false }: VictimPlan = {}): Promise<Victim> {
    const conf = { DEFAULT: { log_level: 'info', ...DEFAULT }, wsgi: { access_log: false, ...options } }
    const server = await makeSite({ apis: { api: 'witness.js' }, conf }).serve(...(worker ? [] : ['--workers', '0']))
    const client = await RawClient.connect(server.port('api'))
    return new Victim(server, client, Number((await client.ask('GET', '/pid')).body))
  }

  /** What the app has seen, when `enough` of it has been. */
  seen(enough: (seen: Seen) => boolean = () => true): Promise<Seen> {
    return this.#look(async () => JSON.parse((await this.#ask('GET', '/seen')).body) as Seen, enough)
  }

  /** Resolves when none of its connections is half closed by its client and not by itself. */
  async noneInCloseWait(): Promise<void> {
    await this.inCloseWait(0)
  }

  /** Resolves when so many of its connections are half closed by their clients. */
  async inCloseWait(count: number): Promise<void> {
    await this.#look(() => this.#ask('GET', '/pid').then(() => closeWaits(this.port)), (found) => found === count)
  }

  /** How many descriptors its process has. */
  async descriptors(enough: (count: number) => boolean = () => true): Promise<number> {
    return this.#look(() => this.#ask('GET', '/pid').then(() => descriptorsOf(this.pid)), enough)
  }

  /** The share of its time its CPU was busy in half a second in which this client asked nothing: 1 for a loop that spins. */
  async busy(): Promise<number> {
    return (JSON.parse((await this.#ask('GET', '/idle')).body) as { busy: number }).busy
  }

  /** Lets those who wait have their answer. */
  async open(): Promise<void> {
    await this.#ask('POST', '/open')
  }

  #ask(method: string, path: string): Promise<RawResponse> {
    return this.#client.ask(method, path)
  }

  /** Each look is a request that is answered, so the server has had a turn since the last. */
  async #look<T>(look: () => Promise<T>, enough: (found: T) => boolean): Promise<T> {
    for (;;) {
      const found = await look()
      if (enough(found)) return found
    }
  }
}

/** In /proc/net/tcp a connection's own end is the second column and its state the fourth; 08 is CLOSE_WAIT (proc_pid_net(5)). */
function closeWaits(port: number): number {
  const local = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  const rows = readFileSync('/proc/net/tcp', 'latin1').trim().split('\n').map((row) => row.trim().split(/\s+/))
  return rows.filter(([, own, , state]) => own?.endsWith(local) === true && state === '08').length
}
