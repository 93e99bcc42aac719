/** @param {readonly number[]} values at least one */
export function median(values) {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? NaN) + upper) / 2
}

/**
 * The median over the rounds of `values` to `base` of the same round: what slows a whole round down slows both.
 *
 * @param {readonly number[]} values
 * @param {readonly number[]} base
 */
export function medianRatio(values, base) {
  return median(values.map((value, round) => value / (base[round] ?? NaN)))
}
