import { existsSync, readdirSync } from 'node:fs'
import { basename, dirname, parse } from 'node:path'
import { ConfigError, type ConfigProblem } from '../errors.ts'
import { nearestName } from '../nearest.ts'
import { findSyntaxError } from './syntax-error.ts'
import { describeThrown } from './thrown.ts'
import type { Place } from './uri.ts'

/** A module that could not be imported. */
export interface FailedImport {
  readonly specifier: string
  /** Where it should be, unless it is a package. */
  readonly file: string | undefined
  readonly place: Place
}

const NO_PYTHON = 'nothing stands for this Python module here'

type Advice = Pick<ConfigProblem, 'message' | 'expected' | 'nearest'>

/** What went wrong in the importing, with the place in the module where it did. */
export function explainImport(error: unknown, { specifier, file, place }: FailedImport): ConfigError {
  const { message, ...advice } = file === undefined ? explainPackage(error, specifier, place) : explainFile(error, file)
  return new ConfigError({ ...place, ...advice, message: `'${specifier}' cannot be imported: ${message}` }, { cause: error })
}

/** What to say of a module that is not where its path points. */
export function missingFile(specifier: string, file: string, place: Place): ConfigError {
  const message = `'${specifier}' cannot be imported: there is no file ${file}`
  return new ConfigError({ ...place, message, nearest: nearestFile(specifier, file) })
}

function explainFile(error: unknown, file: string): Advice {
  if (codeOf(error) === 'ERR_UNKNOWN_FILE_EXTENSION' && /\.[cm]?ts$/.test(file)) {
    return { message: `Node ${process.versions.node} does not run TypeScript`, expected: 'Node 22.18 or newer, or the file compiled to JavaScript' }
  }
  return { message: describeFailure(error, file) }
}

/** Names of Python modules have dots, those of npm packages seldom. */
function explainPackage(error: unknown, specifier: string, { value = '' }: Place): Advice {
  const [missing = ''] = String(error).split('\n')
  if (codeOf(error) !== 'MODULE_NOT_FOUND' || !missing.endsWith(`'${specifier}'`)) return { message: describeFailure(error) }
  const file = value.startsWith('egg:') ? 'call:./file.js:export' : './file.js:export'
  const isPython = /^\w+(\.\w+)+$/.test(specifier)
  return { message: isPython ? NO_PYTHON : 'there is no such package', expected: `${file}, or an npm package that is installed` }
}

/** V8 tells where a module's syntax is wrong, but Node shows it only of an error that nobody catches. */
function describeFailure(error: unknown, file?: string): string {
  const described = describeThrown(error)
  if (file === undefined || !(error instanceof SyntaxError) || described.endsWith(')')) return described
  const place = findSyntaxError(file)
  return place === undefined ? described : `${described} (at ${place})`
}

/** The file that only another extension makes different, else the one whose name is closest; as it would be written. */
function nearestFile(specifier: string, file: string): string | undefined {
  const folder = dirname(file)
  const names = existsSync(folder) ? readdirSync(folder) : []
  const nearest = names.find((name) => parse(name).name === parse(file).name) ?? nearestName(basename(file), names)
  return nearest === undefined ? undefined : specifier.slice(0, -basename(specifier).length) + nearest
}

function codeOf(error: unknown): unknown {
  return (Object(error) as { code?: unknown }).code
}
