import { existsSync, readdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { ConfigError } from '../errors.ts'
import type { Problems } from '../problems.ts'

const DEFAULT_FILE = 'millrace.conf'

/** What the command line named, made absolute. */
export interface ConfigPlaces {
  readonly files: readonly string[]
  readonly dirs: readonly string[]
}

/**
 * The files to read, in the order in which later ones win: those named, then `*.conf` of each directory by name; `millrace.conf` when
 * nothing is named. That that is missing, or a directory cannot be read, is a problem.
 */
export function findConfigFiles(named: ConfigPlaces, cwd: string, problems: Problems): string[] {
  const listed = named.dirs.flatMap((dir) => problems.try(() => listDirectory(dir)) ?? [])
  if (named.files.length + named.dirs.length > 0) return [...named.files, ...listed]
  const file = resolve(cwd, DEFAULT_FILE)
  if (existsSync(file)) return [file]
  const message = 'there is no such file; name another one with --config-file, or a directory with --config-dir'
  problems.add(new ConfigError({ file, message }))
  return []
}

/** Throws {@link ConfigError} when the directory cannot be read. */
function listDirectory(dir: string): string[] {
  try {
    return readdirSync(dir).filter((name) => name.endsWith('.conf')).toSorted().map((name) => join(dir, name))
  } catch (error) {
    throw new ConfigError({ file: dir, message: `cannot be read: ${(error as Error).message}` }, { cause: error })
  }
}

/**
 * Searches for a file as oslo.config does: beside the configuration (directories first, then the directory of each file, the last one
 * first), then at the user's and the system's places. Undefined when it is nowhere. An absolute name is taken as it is.
 */
export function searchFile(name: string, { files, dirs }: ConfigPlaces): string | undefined {
  const beside = files.toReversed().map((file) => dirname(file))
  const places = [...dirs, ...beside, join(homedir(), '.millrace'), homedir(), '/etc/millrace', '/etc']
  return places.map((place) => resolve(place, name)).find((path) => existsSync(path))
}
