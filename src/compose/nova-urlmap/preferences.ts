import { parseMediaRanges, type MediaRange } from '../media-ranges.ts'

/** A type that was asked for, with the parameters it was asked for with. */
export interface Preference {
  readonly type: string
  readonly params: MediaRange['params']
}

/** So many fields are remembered, each no longer than this: strangers write them. */
const MOST_KNOWN = 100
const LONGEST_KNOWN = 512

const QUALITY = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i

/** Reads Accept for one list of supported types. Clients send the same few fields again and again, and reading a browser's costs 15 µs. */
export class Preferences {
  readonly #supported: readonly string[]
  readonly #known = new Map<string, Preference | null>()

  constructor(supported: readonly string[]) {
    this.#supported = supported
  }

  /** What the field prefers; null when that is nothing here, or there is no field. */
  of(accept: string | null): Preference | null {
    if (accept === null) return null
    const known = this.#known.get(accept)
    if (known !== undefined) return known
    const best = bestMatch(parseMediaRanges(accept), this.#supported) ?? null
    if (accept.length <= LONGEST_KNOWN) this.#remember(accept, best)
    return best
  }

  #remember(accept: string, best: Preference | null): void {
    if (this.#known.size === MOST_KNOWN) this.#known.clear()
    this.#known.set(accept, best)
  }
}

/**
 * The supported type that the ranges prefer, as nova's urlmap does: the highest `q` wins, then the range with fewer `*`, then the type that
 * is supported first. `q=0` is only the least preference, where RFC 9110 §12.4.2 refuses the type; a range whose `q` is no number is none.
 */
function bestMatch(ranges: readonly MediaRange[], supported: readonly string[]): Preference | undefined {
  let best: Preference | undefined
  let bestQuality = -1
  let bestStars = 2
  for (const type of supported) {
    for (const range of ranges) {
      const [quality, stars] = [qualityOf(range), starsOf(range.type)]
      const better = quality > bestQuality || (quality === bestQuality && stars < bestStars)
      if (!better || !isWithin(type, range.type)) continue
      best = { type, params: range.params }
      ;[bestQuality, bestStars] = [quality, stars]
    }
  }
  return best
}

/** NaN is better than nothing, and so never better. */
function qualityOf({ params }: MediaRange): number {
  const text = params.get('q') ?? '1'
  return QUALITY.test(text) ? Number(text) : Number.NaN
}

function starsOf(type: string): number {
  return type.split('*').length - 1
}

function isWithin(type: string, range: string): boolean {
  if (!range.includes('*')) return type === range
  return range === '*/*' || type.slice(0, type.indexOf('/')) === range.slice(0, -2)
}
