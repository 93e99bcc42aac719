/** A worker as the accept policy sees it. */
export interface Candidate {
  /** It may be given a connection now. */
  readonly accepting: boolean
  /** Connections known open, and those handed over and not yet acknowledged. */
  readonly connections: number
  /** Requests in progress, as last reported. */
  readonly requests: number
  /** The number of the choice that last fell on it, 0 for none. The policy's to write. */
  lastChosen: number
}

/**
 * `accept_policy = least`: the candidate with the fewest connections, then the fewest requests in progress, then the one that has
 * waited longest, which makes it round robin between equals. It allocates nothing, as it runs once per connection.
 */
export class LeastLoaded<C extends Candidate> {
  #choices = 0

  /** Undefined when none is accepting. */
  choose(candidates: readonly C[]): C | undefined {
    let best: C | undefined
    for (const candidate of candidates) {
      if (candidate.accepting && (best === undefined || compareLoad(candidate, best) < 0)) best = candidate
    }
    if (best !== undefined) best.lastChosen = ++this.#choices
    return best
  }
}

function compareLoad(one: Candidate, other: Candidate): number {
  return one.connections - other.connections || one.requests - other.requests || one.lastChosen - other.lastChosen
}
