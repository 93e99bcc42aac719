import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'

/** True when the file's own `import` would find the package; nothing is imported. */
export function isInstalled(name: string, from: string): boolean {
  const folders = createRequire(from).resolve.paths(name) ?? []
  return folders.some((folder) => existsSync(join(folder, name)))
}
