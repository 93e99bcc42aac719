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
  /** The same in its parts, without the place. */
  readonly problem?: Readonly<ConfigProblem>
}

export function makeWarning(level: ConfigWarning['level'], { file, line }: Source, problem: ConfigProblem): ConfigWarning {
  return { level, file, line, message: describeProblem(problem), problem }
}
