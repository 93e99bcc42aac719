import type { Socket } from 'node:net'

/** Characters of the longest line. */
export const LONGEST_LINE = 65_536

/** The lines a client sends, the last one also without an end; null in the place of one that is too long. Reads on when the next is asked for. */
export async function* linesOf(socket: Socket): AsyncGenerator<string | null> {
  let rest = ''
  // Its own iterator would destroy the socket at the client's end, who may still want an answer.
  for await (const chunk of socket.setEncoding('utf8').iterator({ destroyOnReturn: false }) as AsyncIterable<string>) {
    rest += chunk
    if (rest.length <= LONGEST_LINE && !chunk.includes('\n')) continue
    const lines = rest.split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) yield bounded(line)
    if (bounded(rest) !== null) continue
    yield null
    rest = ''
  }
  if (rest !== '') yield rest
}

function bounded(line: string): string | null {
  return line.length > LONGEST_LINE ? null : line
}
