import type { HttpRequest } from '../../app.ts'
import { fieldOctets } from '../field-octets.ts'
import { REQUEST_SLOTS } from './fetch-slots.ts'

/** What fetch can make fields of. */
export type FieldsOfRequest = NonNullable<RequestInit['headers']>

/** Makes the Request that a light one stands for, with these fields. */
type MakeRequest = (request: HttpRequest, url: string, headers: FieldsOfRequest) => Request

/** Fetch gives these no body (WHATWG Fetch, "Request constructor"). */
export const BODYLESS: readonly string[] = ['GET', 'HEAD']

/**
 * A Request that is made when somebody asks for more than its method, URL, fields or signal: one costs as much as a small exchange
 * (Node 20). It inherits from `Request` and has its slots, so that all that takes a Request takes it: `fetch`, `new Request`, `clone()`.
 */
export class LightRequest {
  readonly #source: HttpRequest
  readonly #url: string
  readonly #make: MakeRequest
  #headers: Headers | null = null
  #made: Request | null = null

  /** @param url as a URL is serialized */
  constructor(source: HttpRequest, url: string, make: MakeRequest) {
    this.#source = source
    this.#url = url
    this.#make = make
  }

  get method(): string {
    return this.#source.method
  }

  get url(): string {
    return this.#url
  }

  get headers(): Headers {
    if (this.#made !== null) return this.#made.headers
    return (this.#headers ??= new Headers(fieldOctets(this.#source.headers)))
  }

  get signal(): AbortSignal {
    return this.#source.signal
  }

  get body(): Request['body'] {
    const bodyless = BODYLESS.includes(this.#source.method) || this.#source.body === null
    return bodyless ? null : LightRequest.madeOf(this).body
  }

  /** The Request itself. */
  static madeOf(light: LightRequest): Request {
    return (light.#made ??= light.#make(light.#source, light.#url, light.#headers ?? fieldOctets(light.#source.headers)))
  }
}

Object.setPrototypeOf(LightRequest.prototype, Request.prototype)
for (const slot of REQUEST_SLOTS) Object.defineProperty(LightRequest.prototype, slot, { get: slotReader(slot) })

function slotReader(slot: symbol): (this: LightRequest) => unknown {
  return function (this: LightRequest) {
    return Reflect.get(LightRequest.madeOf(this), slot)
  }
}
