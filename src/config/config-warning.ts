import { describeProblem, type ConfigProblem } from '../errors.ts'
import type { Source } from './assignment.ts'

/** Something in the configuration that has no effect, or not the one it seems to have. */
export interface ConfigWarning {
  readonly level: 'warn' | 'info'
  /** A file, or `--set`. */
  readonly file: string
  readonly line?: number | undefined
  /** Names the section and the option, not the file. */
  readonly message: string
}

export function makeWarning(level: ConfigWarning['level'], { file, line }: Source, problem: ConfigProblem): ConfigWarning {
  return { level, file, line, message: describeProblem(problem) }
}
