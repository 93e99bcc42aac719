/** Throws TypeError for what is no number, RangeError for one below `least`. Infinity is a number. */
export function checkNumber(name: string, value: unknown, least = 0): void {
  if (typeof value !== 'number' || Number.isNaN(value)) throw new TypeError(`${name} should be a number, not ${JSON.stringify(value) ?? typeof value}`)
  if (value < least) throw new RangeError(`${name} should be at least ${least}, not ${value}`)
}
