import type { LRUCache } from 'lru-cache'
import type { Clock } from '../clock.ts'

/** What was found out, and for how many milliseconds it may be believed; 0 or less is not kept. */
export interface Finding<V> {
  readonly value: V
  readonly lifetime: number
}

/**
 * Remembers answers that cost something, each for its own time and only so many of them: the one that was not asked for longest goes. Who
 * asks for what is being found out already waits for that. A failure is not remembered.
 */
export class BriefCache<V extends object> {
  readonly #known: LRUCache<string, V>
  readonly #pending = new Map<string, Promise<V>>()

  private constructor(known: LRUCache<string, V>) {
    this.#known = known
  }

  /** @param max how many answers are kept */
  static async make<V extends object>(max: number, clock: Clock): Promise<BriefCache<V>> {
    const { LRUCache } = await import('lru-cache')
    // With a resolution it would set timers of its own. Its time must not be 0, which is no time to it.
    return new BriefCache(new LRUCache<string, V>({ max, ttl: 1, ttlResolution: 0, perf: { now: () => clock.now() + 1 } }))
  }

  /** At once when it is known. */
  find(key: string, find: () => Promise<Finding<V>>): V | Promise<V> {
    return this.#known.get(key) ?? this.#pending.get(key) ?? this.#ask(key, find)
  }

  /** Undefined when it is not known. */
  get(key: string): V | undefined {
    return this.#known.get(key)
  }

  set(key: string, { value, lifetime }: Finding<V>): void {
    if (lifetime > 0) this.#known.set(key, value, { ttl: lifetime })
  }

  #ask(key: string, find: () => Promise<Finding<V>>): Promise<V> {
    const asked = this.#keep(key, find).finally(() => this.#pending.delete(key))
    this.#pending.set(key, asked)
    return asked
  }

  async #keep(key: string, find: () => Promise<Finding<V>>): Promise<V> {
    const found = await find()
    this.set(key, found)
    return found.value
  }
}
