import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Conf } from '../app.ts'
import { ConfigError } from '../errors.ts'

/** The path of a file that a section names: relative ones are relative to the INI file. */
export function pathFrom({ here = '.' }: Conf, path: string): string {
  return resolve(here, path)
}

/** The PEM text of the file that `option` names; undefined when it names none. Throws ConfigError when it cannot be read. */
export function readPem(option: string, path: string, globalConf: Conf): string | undefined {
  if (path === '') return undefined
  try {
    return readFileSync(pathFrom(globalConf, path), 'utf8')
  } catch (error) {
    throw new ConfigError({ message: `cannot be read: ${String(error)}`, option, value: path, expected: 'a file of PEM' }, { cause: error })
  }
}
