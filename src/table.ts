/** Columns as wide as their widest cell. */
export function formatColumns(rows: readonly (readonly string[])[]): string {
  const widths = rows.reduce<number[]>((widest, row) => row.map((cell, column) => Math.max(cell.length, widest[column] ?? 0)), [])
  return rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ').trimEnd()).join('\n')
}

export function formatTable(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  return formatColumns([heads, ...rows])
}
