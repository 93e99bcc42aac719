import { setTimeout as sleep } from 'node:timers/promises'
import { type Case, mustWait, octetsOf, type SendStep, type Step } from './case.ts'
import { Client } from './client.ts'
import { Marker } from './marker.ts'
import type { Response } from './response.ts'

/** What came of a case. */
export interface Outcome {
  /** The final responses to the case. */
  readonly finals: readonly Response[]
  readonly interims: readonly Response[]
  /** What came behind them, once the connection had been asked for {@link probePath}; null when it was not asked. */
  readonly probed: readonly Response[] | null
  /** Why the octets are no responses. */
  readonly fault: string | null
  /** How the connection had ended before it was asked for the probe. */
  readonly ending: 'closed' | 'reset' | null
  /** It was ended by us. */
  readonly left: boolean
  /** A `wait100` step was in vain. */
  readonly noContinue: boolean
  /** The status of a request on a new connection, when the case asks for one. */
  readonly reconnected: number | null
}

const MOST_TRIES = 3

/** On loopback a reset can eat an answer that was sent: a case that ends in one without an octet is tried again. */
export async function runCase(one: Case, port: number): Promise<Outcome> {
  for (let tries = 1; ; tries += 1) {
    const outcome = await new CaseRun(one, port).outcome()
    if (outcome.ending !== 'reset' || outcome.finals.length > 0 || tries === MOST_TRIES) return outcome
  }
}

/** What a connection that must still be in order is asked for. */
export function probePath({ id }: Case): string {
  return `/probe/${id}`
}

class CaseRun {
  readonly #case: Case
  readonly #port: number
  #client!: Client
  #marker!: Marker
  #continues = 0
  #noContinue = false
  #finished = false
  #left = false

  constructor(one: Case, port: number) {
    this.#case = one
    this.#port = port
  }

  async outcome(): Promise<Outcome> {
    this.#client = await Client.connect(this.#port, this.#case.expect)
    this.#marker = await Marker.connect(this.#port)
    try {
      for (const step of this.#case.send) await this.#do(step)
      await this.#awaitAnswers()
      return await this.#look()
    } finally {
      this.#client.close()
      this.#marker.close()
    }
  }

  async #do(step: Step): Promise<void> {
    if ('b64' in step) await this.#send(step)
    else if ('pause' in step) await this.#pause(step.pause)
    else if ('wait' in step) await this.#client.until(() => this.#client.responses.answered >= step.wait)
    else if ('wait100' in step) await this.#awaitContinue()
    else if ('fin' in step) this.#finish()
    else this.#reset()
  }

  async #send(step: SendStep): Promise<void> {
    const octets = octetsOf(step)
    if (step.slice === undefined) {
      if (step.delay_ms !== undefined) await this.#pause(step.delay_ms)
      await this.#client.write(octets)
    } else {
      await this.#sendSlices(octets, step.slice)
    }
  }

  /** The delay of slices is there so that each is read alone; the marker makes sure of it. */
  async #sendSlices(octets: Buffer, size: number): Promise<void> {
    for (let at = 0; at < octets.length && this.#client.ending === null; at += size) {
      await this.#client.write(octets.subarray(at, at + size))
      await this.#marker.read()
    }
  }

  async #pause(milliseconds: number): Promise<void> {
    await this.#marker.settled()
    await sleep(milliseconds)
  }

  async #awaitContinue(): Promise<void> {
    const { responses } = this.#client
    const finals = responses.finals.length
    this.#continues += 1
    await this.#client.until(() => responses.interims.length >= this.#continues || responses.finals.length > finals)
    this.#noContinue ||= responses.interims.length < this.#continues && responses.finals.length === finals
  }

  #finish(): void {
    this.#finished = true
    this.#client.finish()
  }

  #reset(): void {
    this.#left = true
    this.#client.reset()
  }

  async #awaitAnswers(): Promise<void> {
    const { expect } = this.#case
    const { responses } = this.#client
    const mayWait = mustWait(expect) || expect.status.includes(-1)
    if (!this.#left && !mayWait) await this.#client.until(() => responses.answered >= (expect.responses ?? 1))
    if (expect.close === true) await this.#client.until(() => false)
    else await this.#marker.settled()
  }

  async #look(): Promise<Outcome> {
    const { expect } = this.#case
    const { responses, ending } = this.#client
    const finals = [...responses.finals]
    const probe = expect.close === false && !mustWait(expect) && !this.#finished && !this.#left && ending === null
    const probed = probe ? await this.#probe(finals.length) : null
    const reconnected = expect.reconnect === true ? await this.#reconnect() : null
    const { interims, fault } = responses
    return { finals, interims, probed, fault, ending, left: this.#left, noContinue: this.#noContinue, reconnected }
  }

  /** All that comes until the connection ends: answers are in order, so whatever is not the probe's was smuggled. */
  async #probe(before: number): Promise<Response[]> {
    await this.#client.write(probeOf(this.#case))
    await this.#client.until(() => false)
    return this.#client.responses.finals.slice(before)
  }

  async #reconnect(): Promise<number> {
    const client = await Client.connect(this.#port)
    await client.write(probeOf(this.#case))
    await client.until(() => client.responses.answered > 0)
    client.close()
    return client.responses.finals[0]?.status ?? 0
  }
}

function probeOf(one: Case): Buffer {
  return Buffer.from(`GET ${probePath(one)} HTTP/1.1\r\nHost: probe.invalid\r\nConnection: close\r\n\r\n`)
}
