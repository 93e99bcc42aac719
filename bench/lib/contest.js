/** @typedef {import('./entrant.js').Bench} Bench */
/** @typedef {import('./entrant.js').Entrant} Entrant */
/** @typedef {import('./progress.js').Progress} Progress */

/**
 * Measures servers side by side: all run at once, and each round measures them one after the other.
 *
 * @param {string} name
 * @param {readonly Entrant[]} entrants
 * @param {Bench} bench
 * @param {Progress} progress
 */
export async function runContest(name, entrants, bench, progress) {
  await Promise.all(entrants.map((entrant) => entrant.start(bench)))
  for (let round = 0; round <= bench.rounds; round += 1) {
    progress.show(round === 0 ? `${name}: warm-up` : `${name}: round ${round} of ${bench.rounds}`)
    await runRound(round, entrants, bench)
  }
  for (const entrant of entrants) entrant.stop()
}

/**
 * Round 0 is the warm-up. Each round begins with another server, so that none always has the same one before it.
 *
 * @param {number} round
 * @param {readonly Entrant[]} entrants
 * @param {Bench} bench
 */
async function runRound(round, entrants, bench) {
  const first = round % entrants.length
  for (const entrant of [...entrants.slice(first), ...entrants.slice(0, first)]) {
    if (!entrant.fit) continue
    if (round === 0) await entrant.warmUp(bench)
    else await entrant.measure(bench)
  }
}
