/** The candidate fewest edits away from `name`, when those are no more than a third of its length. */
export function nearestName(name: string, candidates: readonly string[]): string | undefined {
  const most = Math.max(1, Math.floor(name.length / 3))
  const ranked = candidates.map((candidate) => ({ candidate, edits: countEdits(name, candidate) })).toSorted((a, b) => a.edits - b.edits)
  return ranked[0] !== undefined && ranked[0].edits <= most ? ranked[0].candidate : undefined
}

/** Levenshtein's distance, one row of its matrix at a time. */
function countEdits(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column)
  for (const [index, letter] of from.split('').entries()) {
    const next = [index + 1]
    for (const [column, other] of to.split('').entries()) {
      const [above = 0, aboveNext = 0] = row.slice(column, column + 2)
      next.push(Math.min((next[column] ?? 0) + 1, aboveNext + 1, above + (letter === other ? 0 : 1)))
    }
    row = next
  }
  return row[to.length] ?? 0
}
