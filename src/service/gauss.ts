/** A random number of the normal distribution: Box and Muller's transform of two uniform ones. */
export function gauss(mean: number, deviation: number): number {
  // `random()` may be 0, whose logarithm is not finite; 1 - random() is not.
  const radius = Math.sqrt(-2 * Math.log(1 - Math.random()))
  return mean + deviation * radius * Math.cos(2 * Math.PI * Math.random())
}
