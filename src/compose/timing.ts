import type { App, HttpReply, HttpRequest } from '../app.ts'
import type { Clock } from '../clock.ts'
import { HttpError } from '../errors.ts'
import { emit, type TimedPart, timingChannel } from '../events.ts'
import { watch } from '../middleware/watch.ts'
import type { ComposedSection, CompositionObserver } from './observer.ts'

export interface TimingOptions {
  readonly api: string
  /** Whether replies get `Server-Timing` (W3C Server Timing). */
  readonly header: boolean
  readonly clock: Clock
}

/** One app or filter of the composition, by its section's name. */
interface Part {
  readonly name: string
  /** What passes requests on to it. */
  outer: Part | null
}

/** Milliseconds from a part's call to its reply, what is inside it included; in the order of the calls. */
type Times = Map<Part, number>

/** In `environ`, so that a filter which passes on another request with the same bag is timed as well. */
const KEY = 'millrace.timing'

/**
 * Measures the time each filter and app takes for a request, until its reply is there (its body comes later), without what is inside it.
 * It is told by `Server-Timing`, and by the event `request.timing` when somebody had subscribed to that when the part was composed. What
 * nobody asked for by then is not measured, and costs nothing.
 */
export class Timing implements CompositionObserver {
  readonly #options: TimingOptions
  readonly #parts = new WeakMap<App, Part>()

  constructor(options: TimingOptions) {
    this.#options = options
  }

  composed({ name }: ComposedSection, app: App, inner: readonly App[]): App {
    if (!this.#isWanted()) return app
    const part: Part = { name, outer: null }
    for (const within of inner.map((each) => this.#parts.get(each))) {
      if (within !== undefined) within.outer ??= part
    }
    const timed = this.#timed(part, app)
    this.#parts.set(timed, part)
    return timed
  }

  /** Errors that the server answers tell it as well, when they are an HttpError: no other has fields. */
  loaded(app: App): App {
    if (!this.#isWanted()) return app
    return (request) => {
      const times: Times = new Map()
      request.environ[KEY] = times
      return watch(app, request, ({ reply, error }) => {
        this.#tell(request, times, (field) => (reply === null ? addErrorField(error, field) : addField(reply, field)))
      })
    }
  }

  #isWanted(): boolean {
    return this.#options.header || timingChannel.hasSubscribers
  }

  #timed(part: Part, app: App): App {
    const { clock } = this.#options
    return (request) => {
      const times = request.environ[KEY] as Times | undefined
      if (times === undefined) return app(request)
      const taken = (): number => times.get(part) ?? 0
      times.set(part, taken())
      const start = clock.now()
      return watch(app, request, () => void times.set(part, taken() + clock.now() - start))
    }
  }

  #tell({ id, environ }: HttpRequest, times: Times, add: (field: string) => void): void {
    delete environ[KEY]
    const parts = ownTimes(times)
    if (this.#options.header) add(parts.map(({ name, seconds }) => `${asToken(name)};dur=${Number((seconds * 1000).toFixed(3))}`).join(', '))
    if (timingChannel.hasSubscribers) emit('request.timing', { api: this.#options.api, id, parts })
  }
}

/** A filter that calls the next app several times at once is left with nothing of its own, not with less. */
function ownTimes(times: Times): TimedPart[] {
  const own = new Map(times)
  for (const [{ outer }, milliseconds] of times) {
    const whole = outer === null ? undefined : own.get(outer)
    if (outer !== null && whole !== undefined) own.set(outer, whole - milliseconds)
  }
  return [...own].map(([{ name }, milliseconds]) => ({ name, seconds: Math.max(0, milliseconds) / 1000 }))
}

/** Behind what the app says itself. */
function addField(reply: HttpReply, field: string): void {
  const said = reply.headers?.['server-timing'] ?? []
  reply.headers = { ...reply.headers, 'server-timing': [said, field].flat().join(', ') }
}

/** An error may be thrown again and again, so the field takes the place of the last one. */
function addErrorField(error: unknown, field: string): void {
  if (error instanceof HttpError) Reflect.defineProperty(error, 'headers', { value: { ...error.headers, 'server-timing': field } })
}

/** A metric's name is a token (RFC 9110 §5.6.2), which a section's name need not be. */
function asToken(name: string): string {
  return name.replace(/[^\w!#$%&'*+\-.^`|~]/g, '_')
}
