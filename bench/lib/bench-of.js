import { chooseCores } from './cores.js'
import { chooseClient } from './load.js'

/** What load is made with on this machine. @param {{ rounds: number, seconds: number }} options @returns {import('./entrant.js').Bench} */
export function benchOf({ rounds, seconds }) {
  return { client: chooseClient(), cores: chooseCores(), rounds, seconds }
}
