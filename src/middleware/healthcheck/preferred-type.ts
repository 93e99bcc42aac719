import { parseMediaRanges, type MediaRange } from '../../compose/media-ranges.ts'

/**
 * Which of the media types on offer an Accept field likes best (RFC 9110 §12.5.1); of two it likes the same, the earlier. The first where
 * it likes none: a client that cannot read an answer is better off than one without.
 */
export function preferredType<T extends string>(accept: string | null, offers: readonly [T, ...T[]]): T {
  // What most clients say that are no browsers.
  if (accept === null || accept === '*/*') return offers[0]
  const ranges = parseMediaRanges(accept)
  return offers.reduce((best, offer) => (qualityOf(offer, ranges) > qualityOf(best, ranges) ? offer : best))
}

/** The most specific range that a type is in has the say. */
function qualityOf(type: string, ranges: readonly MediaRange[]): number {
  const names = [type, type.replace(/\/.*/, '/*'), '*/*']
  const range = names.map((name) => ranges.find((range) => range.type === name)).find((range) => range !== undefined)
  return range === undefined ? 0 : Number(range.params.get('q') ?? 1) || 0
}
