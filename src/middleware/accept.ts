interface MediaRange {
  readonly range: string
  readonly quality: number
}

/**
 * Which of the media types on offer an Accept field likes best (RFC 9110 §12.5.1); of two it likes the same, the earlier. The first where
 * it likes none: a client that cannot read an answer is better off than one without.
 */
export function preferredType<T extends string>(accept: string | null, offers: readonly [T, ...T[]]): T {
  const ranges = (accept ?? '*/*').split(',').map(readRange)
  return offers.reduce((best, offer) => (qualityOf(offer, ranges) > qualityOf(best, ranges) ? offer : best))
}

function readRange(text: string): MediaRange {
  const [range = '', ...parameters] = text.toLowerCase().split(';').map((part) => part.trim())
  const weight = parameters.find((parameter) => parameter.startsWith('q='))
  return { range, quality: weight === undefined ? 1 : Number(weight.slice('q='.length)) || 0 }
}

/** The most specific range that a type is in has the say. */
function qualityOf(type: string, ranges: readonly MediaRange[]): number {
  const names = [type, type.replace(/\/.*/, '/*'), '*/*']
  return names.map((name) => ranges.find(({ range }) => range === name)).find((range) => range !== undefined)?.quality ?? 0
}
