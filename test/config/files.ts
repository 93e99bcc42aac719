import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'
import { ConfigError } from '../../src/errors.ts'

/** A directory with these files, until the test ends. */
export function makeDirectory(files: Readonly<Record<string, string>>): string {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'millrace-config-')))
  onTestFinished(() => rmSync(root, { recursive: true }))
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true })
    writeFileSync(join(root, name), text)
  }
  return root
}

/** The message of the ConfigError that `run` must throw; `root` is cut from its paths. */
export function configErrorOf(run: () => unknown, root = '//'): string {
  try {
    run()
  } catch (error) {
    if (error instanceof ConfigError) return error.message.replaceAll(`${root}/`, '')
    throw error
  }
  throw new Error('no ConfigError was thrown')
}
