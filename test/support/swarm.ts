import { once } from 'node:events'
import { connect, type Socket, type TcpNetConnectOpts } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { RawClient } from './raw-client.ts'
import { test as base } from './site.ts'

/** How many connections are opened at once: fewer than a listener's backlog, so that no SYN is dropped and sent again a second later. */
const WAVE = 250
/** Of what one connection receives, so many characters are kept. */
const KEPT = 4096

export interface SwarmOptions {
  /** Reads nothing, so that what it is sent fills the kernel's buffers and then stays with the server. */
  readonly unread?: boolean
  /** Sent on each as soon as it is connected, not when all are. */
  readonly first?: string
}

/** One raw connection of a swarm. */
export class SwarmMember {
  readonly socket: Socket
  /** The beginning of what was received; one character for each octet. */
  text = ''
  /** Octets received. */
  octets = 0
  /** Octets of {@link Swarm.pour} the kernel has taken. */
  poured = 0
  /** Stops reading again at the next octets that come. */
  sipping = false
  #ending: 'open' | 'closed' | 'reset' = 'open'
  readonly #heard: () => void

  constructor(socket: Socket, heard: () => void) {
    this.socket = socket
    this.#heard = heard
    socket.setNoDelay(true)
    socket.on('data', (bytes: Buffer) => this.#received(bytes))
    // A server that has closed its half gets ours: a peer of the usual kind.
    socket.on('end', () => this.#end('closed'))
    socket.on('error', () => this.#end('reset'))
    socket.on('close', () => this.#end('closed'))
  }

  /** The statuses of its answers, of which the first {@link KEPT} characters are looked at. */
  get statuses(): number[] {
    return [...this.text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map((match) => Number(match[1]))
  }

  get open(): boolean {
    return this.#ending === 'open'
  }

  /** What became of it: the statuses it was answered with, then `open`, `closed` or `reset`. `408 closed`, for instance. */
  get fate(): string {
    return [...this.statuses, this.#ending].join(' ')
  }

  #received(bytes: Buffer): void {
    this.octets += bytes.length
    if (this.text.length < KEPT) this.text += bytes.toString('latin1', 0, KEPT)
    if (this.sipping) this.socket.pause()
    this.#heard()
  }

  #end(how: 'closed' | 'reset'): void {
    if (this.#ending === 'open') this.#ending = how
    this.#heard()
  }
}

/** Many raw connections at once that do the same, and what becomes of them. */
export class Swarm {
  readonly members: readonly SwarmMember[]
  readonly #sockets: readonly Socket[]
  #heard: () => void = () => undefined

  private constructor(sockets: readonly Socket[]) {
    this.#sockets = sockets
    this.members = sockets.map((socket) => new SwarmMember(socket, () => this.#heard()))
  }

  /** `target`: a port of 127.0.0.1, or what `net.connect` takes. They are connected, not necessarily accepted. */
  static async open(count: number, target: number | TcpNetConnectOpts, { unread = false, first = '' }: SwarmOptions = {}): Promise<Swarm> {
    const options = typeof target === 'number' ? { host: '127.0.0.1', port: target } : target
    const sockets: Socket[] = []
    while (sockets.length < count) {
      const wave = Array.from({ length: Math.min(WAVE, count - sockets.length) }, () => connect(options))
      for (const socket of wave) {
        if (unread) socket.pause()
        if (first !== '') socket.write(first, 'latin1')
      }
      await Promise.all(wave.map((socket) => once(socket, 'connect')))
      sockets.push(...wave)
    }
    const swarm = new Swarm(sockets)
    // A listener for data made them flow.
    if (unread) for (const socket of sockets) socket.pause()
    return swarm
  }

  /** The same to each that is open. A string's characters are octets. */
  send(data: string | Uint8Array): this {
    const bytes = typeof data === 'string' ? Buffer.from(data, 'latin1') : data
    for (const { open, socket } of this.members) if (open) socket.write(bytes)
    return this
  }

  /** Goes on writing this piece, each time the kernel has taken the last one, until it has taken so many octets or the connection has ended. */
  pour(piece: Uint8Array, octets: number): this {
    for (const member of this.members) pourInto(member, piece, octets)
    return this
  }

  /** Each reads once in so many milliseconds, at most 64 KiB. For a swarm that is unread till now. */
  sip(interval: number): this {
    for (const member of this.members) member.sipping = true
    const timer = setInterval(() => {
      for (const { open, socket } of this.members) if (open) socket.resume()
      if (!this.members.some((member) => member.open)) clearInterval(timer)
    }, interval)
    return this
  }

  /** Reads everything from now on. */
  read(): this {
    for (const { socket } of this.members) socket.resume()
    return this
  }

  /** One octet of the text every so many milliseconds, over and over, to each that is open, until none is. */
  drip(text: string, interval: number): this {
    let at = 0
    const timer = setInterval(() => {
      this.send(text.charAt(at++ % text.length))
      if (!this.members.some((member) => member.open)) clearInterval(timer)
    }, interval)
    return this
  }

  /** How many share each {@link SwarmMember.fate} by now. */
  fates(): Record<string, number> {
    const counts: Record<string, number> = {}
    for (const { fate } of this.members) counts[fate] = (counts[fate] ?? 0) + 1
    return counts
  }

  /** Resolves when each has so many answers or has ended. */
  async answered(count = 1): Promise<Record<string, number>> {
    await this.until((member) => !member.open || member.statuses.length >= count)
    return this.fates()
  }

  /** Resolves when the server has ended every connection, with what became of them. */
  async ended(): Promise<Record<string, number>> {
    await this.until((member) => !member.open)
    return this.fates()
  }

  /** Resolves when this is true of every member. One of them waits at a time. */
  async until(holds: (member: SwarmMember) => boolean): Promise<void> {
    let waiting = [...this.members]
    for (;;) {
      // Each is asked until it holds, not all of them at every octet: thousands of members hear thousands of times.
      while (waiting.length > 0 && holds(waiting.at(-1)!)) waiting.pop()
      if (waiting.length === 0) return
      await new Promise<void>((resolve) => (this.#heard = resolve))
    }
  }

  /** Resets every connection, which leaves no TIME_WAIT behind to run out of ports by. */
  close(): void {
    for (const socket of this.#sockets) {
      if (socket.destroyed) continue
      socket.resetAndDestroy()
    }
  }
}

function pourInto(member: SwarmMember, piece: Uint8Array, octets: number): void {
  if (!member.open || member.poured >= octets) return
  member.socket.write(piece, (error) => {
    if (error) return
    member.poured += piece.length
    // Not at once: as long as the kernel takes all it is given, nothing would ever be read.
    setImmediate(pourInto, member, piece, octets)
  })
}

/** The least that lies between two requests of a {@link Bystander}, in milliseconds: back to back it would be a flood itself. */
const PACE = 10

/**
 * A client that behaves, while others do not: asks one thing after the other, in turns on a connection it keeps and on a new one, and
 * counts the statuses it gets; `lost` where there was no answer.
 */
export class Bystander {
  readonly #port: number
  readonly #fresh: boolean
  readonly #statuses: Record<string, number> = {}
  readonly #kept: RawClient | null
  readonly #done: Promise<void>
  #stopping = false

  private constructor(port: number, kept: RawClient | null, fresh: boolean) {
    this.#port = port
    this.#kept = kept
    this.#fresh = fresh
    this.#done = this.#ask()
  }

  /**
   * `fresh: false` keeps to one connection, for when a new one cannot be had; `kept: false` keeps none, for when an idle one is soon closed,
   * which on a busy machine may be before the next request.
   */
  static async arrive(port: number, { fresh = true, kept = true }: { fresh?: boolean; kept?: boolean } = {}): Promise<Bystander> {
    return new Bystander(port, kept ? await RawClient.connect(port) : null, fresh)
  }

  /** Resolves when its last request is answered, with what it got in all. At least one of each kind was asked. */
  async leave(): Promise<Record<string, number>> {
    this.#stopping = true
    await this.#done
    return this.#statuses
  }

  async #ask(): Promise<void> {
    do {
      if (this.#kept !== null) await this.#count(this.#kept)
      if (this.#fresh) await this.#askAnew()
      await pause(PACE)
    } while (!this.#stopping)
    this.#kept?.close()
  }

  async #askAnew(): Promise<void> {
    const client = await RawClient.connect(this.#port).catch(() => null)
    if (client === null) return this.#add('lost')
    await this.#count(client)
    client.close()
  }

  async #count(client: RawClient): Promise<void> {
    this.#add(await client.ask('GET', '/pid').then(({ status }) => String(status), () => 'lost'))
  }

  #add(status: string): void {
    this.#statuses[status] = (this.#statuses[status] ?? 0) + 1
  }
}

/** A test that can make swarms, which end with it. */
export const test = base.extend<{ makeSwarm: typeof Swarm.open }>({
  makeSwarm: async ({ onTestFinished }, use) => {
    await use(async (...args) => {
      const swarm = await Swarm.open(...args)
      onTestFinished(() => swarm.close())
      return swarm
    })
  },
})
