import type { NodeReader } from './node-reading.ts'
import { MillraceReader, type Reading, type ReadRequest } from './reading.ts'

/** The first thing two readers disagree on. */
export interface Difference {
  /** The octets from the message on that is read in two ways; latin1. */
  readonly text: string
  /** The message, or why there is none: `waiting`, `closed`, or what it is refused for. */
  readonly ours: ReadRequest | string
  readonly theirs: ReadRequest | string
  /** The request before it, which both read alike. */
  readonly before: ReadRequest | undefined
}

/** Compares what both read; null when it is the same. Why something is refused may differ, and at which octet. */
export async function differenceOf(octets: Buffer, node: NodeReader): Promise<Difference | null> {
  const reader = new MillraceReader()
  const ours = reader.read(octets)
  const theirs = await node.read(octets)
  for (let index = 0; ; index += 1) {
    const [mine, other] = [at(ours, index), at(theirs, index)]
    if (typeof mine === 'string' && typeof other === 'string' && sameEnd(mine, other)) return null
    if (typeof mine !== 'string' && JSON.stringify(mine) === JSON.stringify(other)) continue
    const text = octets.toString('latin1', reader.ends[index - 1] ?? 0)
    return { text, ours: mine, theirs: other, before: ours.requests[index - 1] }
  }
}

function at({ requests, end }: Reading, index: number): ReadRequest | string {
  return requests[index] ?? end
}

function sameEnd(mine: string, other: string): boolean {
  return mine === other || (isRefusal(mine) && isRefusal(other))
}

export function isRefusal(outcome: ReadRequest | string): outcome is string {
  return typeof outcome === 'string' && outcome !== 'waiting' && outcome !== 'closed'
}
