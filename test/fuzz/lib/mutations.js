// @ts-check
import { seeds, words } from './seeds.js'

/** @typedef {import('./random.js').Random} Random */

const LINES = /(?<=\n)/
const WORDS = /(?<=[\s:,;="?])|(?=[\s:,;="?])/

/** Inputs larger than this teach nothing new and cost time. Octets. */
const MOST = 20_000

/**
 * Ways to make another input of one; `other` is a second one to take from.
 *
 * @type {readonly ((input: Buffer, random: Random, other: Buffer) => Buffer)[]}
 */
const mutations = [
  (input, random) => spliced(input, random, 0, Buffer.from(random.oneOf(words), 'latin1')),
  (input, random) => spliced(input, random, 1 + random.below(12), Buffer.from(random.oneOf(words), 'latin1')),
  (input, random) => spliced(input, random, 1 + random.below(4), Buffer.alloc(0)),
  (input, random) => spliced(input, random, 1, Buffer.of(random.below(256))),
  (input, random) => spliced(input, random, 0, Buffer.of(random.below(256))),
  (input, random) => spliced(input, random, 0, part(input, random)),
  (input, random, other) => spliced(input, random, random.below(20), part(other, random)),
  (input, random, other) => crossed(input, random, other, LINES),
  (input, random, other) => crossed(input, random, other, WORDS),
  (input, random) => crossed(input, random, Buffer.from(random.oneOf(words), 'latin1'), WORDS),
  (input, random) => input.subarray(0, 1 + random.below(input.length)),
  (input, _random, other) => Buffer.concat([input, other]),
]

/** How often one input is changed: mostly once, since most changes make a request a wrong one, of which no more is read. */
const CHANGES = [1, 1, 1, 2, 3, 5]

/**
 * A new input from those there are; every third is made of a seed, a right request.
 *
 * @param {readonly Buffer[]} corpus @param {Random} random
 */
export function mutate(corpus, random) {
  // Of two the shorter: each octet costs time, and says the less the more there are.
  let input = random.below(3) === 0 ? Buffer.from(random.oneOf(seeds), 'latin1') : shorter(random.oneOf(corpus), random.oneOf(corpus))
  for (let left = random.oneOf(CHANGES); left > 0; left -= 1) input = random.oneOf(mutations)(input, random, random.oneOf(corpus))
  return input.subarray(0, MOST)
}

/** @param {Buffer} one @param {Buffer} other */
function shorter(one, other) {
  return one.length < other.length ? one : other
}

/** @param {Buffer} input @param {Random} random @param {number} removed @param {Buffer} put */
function spliced(input, random, removed, put) {
  const at = random.below(input.length + 1)
  return Buffer.concat([input.subarray(0, at), put, input.subarray(at + removed)])
}

/**
 * One line, or word, of `other` put before one of `input`, or in its place: makes a request of the parts of two.
 *
 * @param {Buffer} input @param {Random} random @param {Buffer} other @param {RegExp} boundary
 */
function crossed(input, random, other, boundary) {
  const parts = input.toString('latin1').split(boundary)
  const put = random.oneOf(other.toString('latin1').split(boundary))
  parts.splice(random.below(parts.length), random.below(2), put)
  return Buffer.from(parts.join(''), 'latin1')
}

/** @param {Buffer} input @param {Random} random */
function part(input, random) {
  const at = random.below(input.length + 1)
  return input.subarray(at, at + random.below(60))
}
