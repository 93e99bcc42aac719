import type { ApiConfig } from '../config/api-config.ts'
import { BindError, isAddressInUse, Listener, type ListenerOptions, urlOf } from '../server/listener.ts'
import { acceptQueued } from '../service/accept-queued.ts'
import { JoinedSource } from '../service/joined-source.ts'
import type { Bound, ConnectionSource } from '../service/service-base.ts'
import { type PassedSocket, socketsByApi } from '../service/socket-activation.ts'

/** A listener that was moved, and how it goes back. */
interface Move {
  readonly listener: Listener
  readonly from: { readonly key: string; readonly options: ListenerOptions }
  readonly key: string
}

/** The launcher's listening sockets. One that is there already is used again, by whichever API is to listen there now. */
export class Listeners {
  readonly #open = new Map<string, Listener>()
  readonly #options = new Map<string, ListenerOptions>()
  /** Of APIs whose sockets who started the process has bound. */
  readonly #passed = new Map<string, { readonly source: ConnectionSource; readonly listeners: readonly Listener[] }>()
  #moves: Move[] = []

  /** Takes the sockets that were passed to this process. Rejects with ConfigError for one that no API takes, or that does not listen. */
  async adopt(sockets: readonly PassedSocket[], apis: readonly ApiConfig[]): Promise<void> {
    for (const [name, fds] of socketsByApi(sockets, apis.map((api) => api.name))) {
      const { wsgi: { backlog } } = apis.find((api) => api.name === name) as ApiConfig
      const listeners = await Promise.all(fds.map((fd) => Listener.adopt(fd, { backlog })))
      this.#passed.set(name, { source: new JoinedSource(listeners), listeners })
    }
  }

  /**
   * Binds what these APIs listen on, so that {@link boundFor} has it. When one place cannot be had, what was bound for the others here is closed
   * again, and this rejects with BindError.
   */
  async openFor(apis: readonly ApiConfig[]): Promise<void> {
    const before = new Set(this.#open.keys())
    this.#moves = []
    try {
      for (const api of apis) await (this.#passed.has(api.name) ? this.#checkPassed(api.name) : this.#openOne(api, apis))
    } catch (error) {
      await this.undo()
      for (const key of [...this.#open.keys()].filter((one) => !before.has(one))) this.#close(key)
      throw error
    }
  }

  /** Moves back what {@link openFor} moved. */
  async undo(): Promise<void> {
    for (const { listener, from, key } of this.#moves.splice(0).toReversed()) {
      await listener.moveTo(from.options)
      this.#forget(key)
      this.#keep(from.key, listener, from.options)
    }
  }

  /** Of an API that was opened for. */
  boundFor({ name, ssl, ...api }: ApiConfig): Bound {
    const passed = this.#passed.get(name)
    const first = passed?.listeners[0] ?? this.#open.get(keyOf({ name, ...api }))
    if (first === undefined) throw new Error(`nothing is bound for ${name}`)
    const { host, port } = first
    return { source: passed?.source ?? first, place: { host, port, url: urlOf(ssl, first) } }
  }

  /** Closes all but these, when the clients that the kernel has let in there have been taken. */
  async closeAllBut(used: readonly ConnectionSource[]): Promise<void> {
    const unused = [...this.#open].filter(([, listener]) => !used.includes(listener))
    await Promise.all(unused.map(async ([key, listener]) => {
      await acceptQueued(() => listener.accepted)
      this.#close(key)
    }))
  }

  /** One that was closed, as its API was drained, is the service manager's alone now. */
  #checkPassed(name: string): void {
    if (this.#passed.get(name)?.listeners.every(({ listening }) => listening) === true) return
    throw new BindError(`the socket that was passed for ${name} was closed when it was drained: it takes a new start to have it again`)
  }

  async #openOne(api: ApiConfig, apis: readonly ApiConfig[]): Promise<void> {
    const [key, options] = [keyOf(api), optionsOf(api)]
    const known = this.#open.get(key)
    if (known?.listening === true) {
      if (known.reachable) known.setMode(options.socketMode)
      else await known.moveTo(options)
      return
    }
    try {
      this.#keep(key, await Listener.bind(options), options)
    } catch (error) {
      const inTheWay = isAddressInUse(error) ? this.#findInTheWay(options.port, apis) : undefined
      if (inTheWay === undefined) throw error
      await this.#move(inTheWay, key, options)
    }
  }

  /** One of ours on the same port, which nobody is to listen on any more: `127.0.0.1:8774` before `0.0.0.0:8774`. */
  #findInTheWay(port: number, apis: readonly ApiConfig[]): string | undefined {
    const wanted = new Set(apis.map(keyOf))
    return [...this.#open].find(([key, listener]) => port !== 0 && listener.port === port && listener.listening && !wanted.has(key))?.[0]
  }

  async #move(oldKey: string, key: string, options: ListenerOptions): Promise<void> {
    const listener = this.#open.get(oldKey) as Listener
    // Clients know the port it got, not the 0 that may have been asked for.
    const before = { ...this.#options.get(oldKey) as ListenerOptions, port: listener.port }
    await acceptQueued(() => listener.accepted)
    await listener.moveTo(options)
    this.#forget(oldKey)
    this.#keep(key, listener, options)
    this.#moves.push({ listener, from: { key: oldKey, options: before }, key })
  }

  #keep(key: string, listener: Listener, options: ListenerOptions): void {
    this.#open.set(key, listener)
    this.#options.set(key, options)
  }

  #forget(key: string): void {
    this.#open.delete(key)
    this.#options.delete(key)
  }

  #close(key: string): void {
    this.#open.get(key)?.close()
    this.#forget(key)
  }
}

/** Port 0 is any port: each API has its own. */
function keyOf({ name, listen, listen_port: port }: Pick<ApiConfig, 'name' | 'listen' | 'listen_port'>): string {
  return port === 0 && !listen.startsWith('unix:') ? `${listen}:0 of ${name}` : `${listen}:${port}`
}

function optionsOf({ listen: host, listen_port: port, wsgi: { backlog, socket_mode: socketMode } }: ApiConfig): ListenerOptions {
  return { host, port, backlog, socketMode }
}
