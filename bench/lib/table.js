/**
 * Lines of text with aligned columns.
 *
 * @param {readonly (readonly string[])[]} rows the first one has the titles
 * @param {readonly ('left' | 'right')[]} sides where each column's cells stand
 */
export function alignTable(rows, sides) {
  const widths = sides.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  const align = (/** @type {string} */ cell, /** @type {number} */ column) =>
    sides[column] === 'left' ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)
  return rows.map((row) => row.map(align).join('  ').trimEnd()).join('\n')
}
