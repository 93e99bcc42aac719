import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A folder for what this run needs in files; it goes with the process. */
export const scratch = mkdtempSync(join(tmpdir(), 'millrace-bench-'))

process.on('exit', () => rmSync(scratch, { recursive: true, force: true }))
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1))

/** @param {string} name @param {string | Buffer} content @returns {string} its path */
export function writeScratch(name, content) {
  const path = join(scratch, name)
  writeFileSync(path, content)
  return path
}
