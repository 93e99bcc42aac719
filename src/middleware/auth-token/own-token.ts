import type { Clock } from '../../clock.ts'
import type { AuthTokenOptions } from './auth-token-options.ts'
import { unavailable, type Answer, type IdentityClient } from './identity-client.ts'

interface Issued {
  readonly token: string
  /** Milliseconds since 1970. */
  readonly goodUntil: number
}

/** It is replaced so long before it expires that a question that takes its time still has a good one. */
const EARLY = 30_000
/** Milliseconds. Keystone locks an account for whose password it is asked too often. */
const PAUSE = 1000

/** The token this service has itself, by its name and password (Identity API v3, "Password authentication"). Those who need one wait for the same. */
export class OwnToken {
  readonly #client: IdentityClient
  readonly #clock: Clock
  readonly #credentials: string
  #issued: Issued | null = null
  #pending: Promise<Issued> | null = null
  #refusedUntil = 0

  constructor(client: IdentityClient, options: AuthTokenOptions, clock: Clock) {
    this.#client = client
    this.#clock = clock
    this.#credentials = JSON.stringify({ auth: { identity: identityOf(options), ...scopeOf(options) } })
  }

  async value(): Promise<string> {
    if (this.#issued !== null && this.#issued.goodUntil > this.#clock.wallTime()) return this.#issued.token
    if (this.#clock.now() < this.#refusedUntil) throw unavailable("a moment ago it did not take this service's own name and password")
    this.#pending ??= this.#issue().finally(() => {
      this.#pending = null
    })
    return (await this.#pending).token
  }

  /** The identity service takes this one no more. */
  reject(token: string): void {
    if (this.#issued?.token === token) this.#issued = null
  }

  async #issue(): Promise<Issued> {
    const answer = await this.#client.ask({ method: 'POST', path: '/auth/tokens?nocatalog', headers: { 'content-type': 'application/json' }, body: this.#credentials })
    try {
      this.#issued = readIssued(answer)
      return this.#issued
    } catch (error) {
      this.#refusedUntil = this.#clock.now() + PAUSE
      throw error
    }
  }
}

function readIssued({ status, headers, text }: Answer): Issued {
  const token = headers['x-subject-token']
  if (status !== 201 || typeof token !== 'string') throw unavailable(`it answers this service's own name and password with ${status}`)
  return { token, goodUntil: expiryOf(text) - EARLY }
}

function expiryOf(text: string): number {
  try {
    const expiry = Date.parse((JSON.parse(text) as { token: { expires_at: string } }).token.expires_at)
    if (Number.isNaN(expiry)) throw new TypeError('its expires_at is no time')
    return expiry
  } catch (error) {
    throw unavailable("it says of this service's own token not when it expires", error)
  }
}

function identityOf({ username: name, password, user_domain_id: id, user_domain_name: domain }: AuthTokenOptions): object {
  return { methods: ['password'], password: { user: { name, password, domain: domainOf(id, domain) } } }
}

function scopeOf({ project_id: id, project_name: name, project_domain_id: domainId, project_domain_name: domainName }: AuthTokenOptions): object {
  if (id !== '') return { scope: { project: { id } } }
  return name === '' ? {} : { scope: { project: { name, domain: domainOf(domainId, domainName) } } }
}

/** Keystone makes one at its first start, whose id is `default`. */
function domainOf(id: string, name: string): object {
  if (id !== '') return { id }
  return name === '' ? { id: 'default' } : { name }
}
