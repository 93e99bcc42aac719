// @ts-check
import { brokenBy } from './invariants.js'
import { minimize } from './minimize.js'
import { mutate } from './mutations.js'

/**
 * @typedef {import('./reader.js').Engine} Engine
 * @typedef {import('./reader.js').Limits} Limits
 * @typedef {{ wrong: string, limits: Limits, input: Buffer }} Broken
 */

/** Makes inputs, and looks for one that breaks an invariant. */
export class FuzzLoop {
  runs = 0
  #engine
  #limits
  #corpus
  #random
  /** Findings of one kind are one finding. @type {Set<string>} */
  #kinds = new Set()

  /**
   * @param {Engine} engine @param {readonly Limits[]} limits
   * @param {import('./corpus.js').Corpus} corpus @param {import('./random.js').Random} random
   */
  constructor(engine, limits, corpus, random) {
    this.#engine = engine
    this.#limits = limits
    this.#corpus = corpus
    this.#random = random
  }

  /** The next input to try. */
  make() {
    return mutate(this.#corpus.inputs, this.#random)
  }

  /** Tries one input; what was found is minimised. @param {Buffer} input @returns {Broken | null} */
  tryOne(input) {
    this.runs += 1
    for (const limits of this.#limits) {
      const wrong = brokenBy(this.#engine, limits, input)
      if (wrong === null) continue
      const kind = kindOf(wrong)
      if (this.#kinds.has(kind)) return null
      this.#kinds.add(kind)
      const least = minimize(input, (smaller) => kindOf(brokenBy(this.#engine, limits, smaller) ?? '') === kind)
      return { wrong: brokenBy(this.#engine, limits, least) ?? wrong, limits, input: least }
    }
    this.#corpus.consider(input)
    return null
  }
}

/** The invariant, and of what was seen the words: not the octets in it. @param {string} wrong */
function kindOf(wrong) {
  return wrong.replaceAll(/"(?:[^"\\]|\\.)*"|\d+/g, '').slice(0, 120)
}
