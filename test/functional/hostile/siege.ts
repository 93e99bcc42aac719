import { expect, vi } from 'vitest'
import { descriptorsOf, memoryOf } from '../../support/procfs.ts'
import type { CliProcess } from '../../support/cli.ts'
import { Bystander, Swarm, test as base } from '../../support/swarm.ts'
import type { SitePlan } from '../../support/site.ts'

/** For who waits: long enough for a busy machine. */
export const PATIENT = { timeout: 20_000 }

export interface SiegePlan {
  /** The options of `[wsgi]`, in seconds and octets. */
  readonly wsgi?: Readonly<Record<string, string | number | boolean>>
  /** The app's file in test/fixtures/apps. Default: `heavy.js`. */
  readonly app?: string
  /** `none`: no worker, the API is served by the process that was started. Handing 5000 connections over costs more than serving them. */
  readonly workers?: 'one' | 'none'
  /** False when an idle connection is closed so soon that the bystander's might be. */
  readonly kept?: boolean
}

/** A real server, seen from outside, and a client that behaves beside those that do not. */
export class Siege {
  readonly server: CliProcess
  readonly port: number
  /** Of the process that serves. */
  readonly pid: number
  readonly #bystander: Bystander
  readonly #swarms: Swarm[] = []
  readonly #descriptors: number

  constructor(server: CliProcess, bystander: Bystander, pid: number) {
    this.server = server
    this.port = server.port('api')
    this.pid = pid
    this.#bystander = bystander
    this.#descriptors = descriptorsOf(pid)
  }

  /** The most the serving process has held by now beyond what it holds at the time of this call, in MiB. */
  watchMemory(): () => number {
    const { now } = memoryOf(this.pid)
    return () => memoryOf(this.pid).most - now
  }

  /** Resolves when so many connections were closed because this deadline had passed. */
  async timedOut(count: number, deadline: string): Promise<void> {
    const passed = (): number => {
      const lines = this.server.log('connection.timeout')
      // Of a flood the log has some lines, and how many more there were.
      return lines.reduce((sum, line) => sum + Number(line['more'] ?? (line['deadline'] === deadline)), 0)
    }
    await vi.waitFor(() => expect(passed()).toBe(count), PATIENT)
  }

  /** How many file descriptors the serving process has beyond those before the siege, at most two of them the bystander's. */
  get descriptors(): number {
    return descriptorsOf(this.pid) - this.#descriptors
  }

  /** So many connections to the server. */
  async attack(...[count, options]: [count: number, options?: Parameters<typeof Swarm.open>[2]]): Promise<Swarm> {
    const swarm = await Swarm.open(count, this.port, options)
    this.#swarms.push(swarm)
    return swarm
  }

  /** The attackers go. Resolves with what the bystander was answered during the siege. */
  async lift(): Promise<Record<string, number>> {
    for (const swarm of this.#swarms) swarm.close()
    return this.#bystander.leave()
  }
}

export const test = base.extend<{ besiege: (plan?: SiegePlan) => Promise<Siege> }>({
  besiege: async ({ makeSite, onTestFinished }, use) => {
    await use(async ({ workers = 'one', kept = true, ...plan } = {}) => {
      const server = await makeSite(siteOf(plan)).serve(...(workers === 'none' ? ['--workers', '0'] : []))
      const bystander = await Bystander.arrive(server.port('api'), { kept })
      const siege = new Siege(server, bystander, workers === 'none' ? server.pid : server.workers('api')[0]!)
      onTestFinished(() => siege.lift().then(() => undefined))
      return siege
    })
  },
})

function siteOf({ wsgi = {}, app = 'heavy.js' }: SiegePlan): SitePlan {
  return { apis: { api: app }, conf: { wsgi: { access_log: false, ...wsgi } } }
}
