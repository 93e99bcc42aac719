import type { ApiConfig } from '../config/api-config.ts'
import { Listener, urlOf } from '../server/listener.ts'
import { acceptQueued } from '../service/accept-queued.ts'
import type { Bound, ConnectionSource } from '../service/service-base.ts'

/** The launcher's listening sockets. One that is there already is used again, by whichever API is to listen there now. */
export class Listeners {
  readonly #open = new Map<string, Listener>()

  /**
   * Binds what these APIs listen on, so that {@link boundFor} has it. When one place cannot be had, what was bound for the others here is closed
   * again, and this rejects with BindError.
   */
  async openFor(apis: readonly ApiConfig[]): Promise<void> {
    const added: string[] = []
    try {
      for (const api of apis) {
        const key = keyOf(api)
        if (this.#open.get(key)?.listening === true) continue
        this.#open.set(key, await bind(api))
        added.push(key)
      }
    } catch (error) {
      for (const key of added) this.#close(key)
      throw error
    }
  }

  /** Of an API that was opened for. */
  boundFor(api: ApiConfig): Bound {
    const source = this.#open.get(keyOf(api))
    if (source === undefined) throw new Error(`nothing is bound for ${api.name}`)
    const { host, port } = source
    return { source, place: { host, port, url: urlOf(api.ssl, source) } }
  }

  /** Closes all but these, when the clients that the kernel has let in there have been taken. */
  async closeAllBut(used: readonly ConnectionSource[]): Promise<void> {
    const unused = [...this.#open].filter(([, listener]) => !used.includes(listener))
    await Promise.all(unused.map(async ([key, listener]) => {
      await acceptQueued(() => listener.accepted)
      this.#close(key)
    }))
  }

  #close(key: string): void {
    this.#open.get(key)?.close()
    this.#open.delete(key)
  }
}

/** Port 0 is any port: each API has its own. */
function keyOf({ name, listen, listen_port: port }: ApiConfig): string {
  return port === 0 && !listen.startsWith('unix:') ? `${listen}:0 of ${name}` : `${listen}:${port}`
}

function bind({ listen: host, listen_port: port, wsgi: { backlog, socket_mode: socketMode } }: ApiConfig): Promise<Listener> {
  return Listener.bind({ host, port, backlog, socketMode })
}
