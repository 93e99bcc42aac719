import { createHash } from 'node:crypto'
import type { Clock } from '../../clock.ts'
import type { AuthTokenOptions } from './auth-token-options.ts'
import { BriefCache, type Finding } from '../brief-cache.ts'
import { unavailable, type IdentityClient } from './identity-client.ts'
import type { OwnToken } from './own-token.ts'
import { isRestricted, readToken, type Token, type TokenInfo } from './token.ts'

/** What came of asking for a token; null when it is good for nothing. */
interface Verdict {
  readonly token: Token | null
}

type Parts = { readonly client: IdentityClient; readonly own: OwnToken; readonly good: BriefCache<Verdict>; readonly bad: BriefCache<Verdict> }

/** A token, as far as a header field can hold it (RFC 9110 §5.5); Fernet's have 200 characters, JWS 1000. */
const TOKEN = /^[\x21-\x7e]{1,8192}$/
const REFUSED: Verdict = { token: null }
/** Milliseconds. Nobody is let in by it, so it need not be short; but a new token may be known late to one of Keystone's servers. */
const REFUSED_FOR = 10_000

/**
 * What tokens stand for, by Keystone's word or, for a short time, from memory, where they are under their hash. Refused ones have a place of
 * their own, so that whoever sends many of them pushes no good one out.
 */
export class TokenCache {
  readonly #options: AuthTokenOptions
  readonly #clock: Clock
  readonly #parts: Parts

  private constructor(options: AuthTokenOptions, clock: Clock, parts: Parts) {
    this.#options = options
    this.#clock = clock
    this.#parts = parts
  }

  static async make(options: AuthTokenOptions, clock: Clock, { client, own }: Pick<Parts, 'client' | 'own'>): Promise<TokenCache> {
    const max = Math.max(1, options.token_cache_size)
    const [good, bad] = await Promise.all([BriefCache.make<Verdict>(max, clock), BriefCache.make<Verdict>(max, clock)])
    return new TokenCache(options, clock, { client, own, good, bad })
  }

  /**
   * At once when it is known. Null for a token that is not good; throws, or rejects with, HttpError(503) when nobody can tell.
   * @param allowExpired takes one that was good, as for a service that ends what its client began
   */
  find(text: string, allowExpired: boolean): Verdict | Promise<Verdict> {
    const token = text.trim()
    if (!TOKEN.test(token)) return REFUSED
    const { good, bad } = this.#parts
    const key = createHash('sha256').update(allowExpired ? `${token} expired` : token).digest('base64')
    const refused = bad.get(key)
    if (refused !== undefined) return refused
    const found = good.find(key, () => this.#ask(token, key, allowExpired))
    return found instanceof Promise ? found.then((verdict) => this.#inTime(verdict, allowExpired)) : this.#inTime(found, allowExpired)
  }

  /** Also of what was remembered: it may have expired meanwhile, or the clock was set. */
  #inTime(verdict: Verdict, allowExpired: boolean): Verdict {
    const expired = verdict.token !== null && verdict.token.expiresAt <= this.#clock.wallTime()
    return expired && !allowExpired ? REFUSED : verdict
  }

  async #ask(text: string, key: string, allowExpired: boolean): Promise<Finding<Verdict>> {
    const info = await this.#validate(text, allowExpired)
    const token = info === null ? null : tokenOf(info)
    if (token === null || isRestricted(token)) {
      this.#parts.bad.set(key, { value: REFUSED, lifetime: this.#options.token_cache_time > 0 ? REFUSED_FOR : 0 })
      return { value: REFUSED, lifetime: 0 }
    }
    const left = token.expiresAt - this.#clock.wallTime()
    return { value: { token }, lifetime: Math.min(left, this.#options.token_cache_time * 1000) }
  }

  /** What Keystone says of it; null when it knows no such token. This service's own is replaced once when it is taken no more. */
  async #validate(text: string, allowExpired: boolean, mayRenew = true): Promise<string | null> {
    const { client, own } = this.#parts
    const mine = await own.value()
    const query = [this.#options.include_service_catalog ? '' : 'nocatalog', allowExpired ? 'allow_expired=1' : ''].filter(Boolean).join('&')
    const { status, text: answer } = await client.ask({
      method: 'GET',
      path: `/auth/tokens${query && `?${query}`}`,
      headers: { 'x-auth-token': mine, 'x-subject-token': text, accept: 'application/json' },
    })
    if (status === 200) return answer
    if (status === 404) return null
    if (status !== 401 || !mayRenew) throw unavailable(`it answers ${status} to who asks for a token`)
    own.reject(mine)
    return await this.#validate(text, allowExpired, false)
  }
}

function tokenOf(answer: string): Token {
  try {
    return readToken(JSON.parse(answer, freeze) as TokenInfo)
  } catch (error) {
    throw unavailable('what it says of a token cannot be understood', error)
  }
}

/** Many requests are given the same: what one app changed in it would count for all. */
function freeze(_name: string, value: unknown): unknown {
  return Object.freeze(value)
}
