// @ts-check
const PLAIN = Buffer.from('a')

/**
 * A smaller input of which `holds` is still true: parts are taken out, halves first, single octets last; then each octet is made an `a`
 * where that changes nothing.
 *
 * @param {Buffer} input @param {(input: Buffer) => boolean} holds @param {number} [budget] octets to try, which bounds the time it takes
 */
export function minimize(input, holds, budget = 400_000) {
  return new Minimizer(input, holds, budget).run()
}

class Minimizer {
  #best
  #holds
  #budget

  /** @param {Buffer} input @param {(input: Buffer) => boolean} holds @param {number} budget */
  constructor(input, holds, budget) {
    this.#best = input
    this.#holds = holds
    this.#budget = budget
  }

  run() {
    for (let size = this.#best.length >> 1; size > 1; size >>= 1) this.#takeOut(size)
    while (this.#takeOut(1));
    for (let at = 0; at < this.#best.length && this.#budget > 0; at += 1) if (this.#best[at] !== PLAIN[0]) this.#try(at, 1, PLAIN)
    return this.#best
  }

  /** Every part of this size that is not needed. False when all are. @param {number} size */
  #takeOut(size) {
    const before = this.#best.length
    for (let at = 0; at < this.#best.length && this.#budget > 0;) if (!this.#try(at, size, Buffer.alloc(0))) at += size
    return this.#best.length < before
  }

  /** @param {number} at @param {number} removed @param {Buffer} put */
  #try(at, removed, put) {
    const candidate = Buffer.concat([this.#best.subarray(0, at), put, this.#best.subarray(at + removed)])
    this.#budget -= candidate.length
    if (this.#budget < 0 || !this.#holds(candidate)) return false
    this.#best = candidate
    return true
  }
}
