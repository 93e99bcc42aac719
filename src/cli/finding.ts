import type { ConfigWarning } from '../config/config-warning.ts'
import { maskSecret } from '../secrets.ts'
import { ConfigError, describeProblem, type ConfigProblem } from '../errors.ts'
import type { Problems } from '../problems.ts'

/** One thing that is wrong, or odd. */
export interface Finding extends ConfigProblem {
  readonly level: 'error' | 'warning'
  /** The API it was found in first; absent for what is nobody's own. */
  readonly api?: string | undefined
}

/** All that an error tells; it may be any error that an app's code throws. */
export function findingsOf(error: unknown, api?: string): Finding[] {
  if (error instanceof ConfigError) return error.problems.map((problem) => ({ ...hideSecret(problem), level: 'error', api }))
  return [{ level: 'error', api, message: error instanceof Error ? error.message : String(error) }]
}

/** All that was gathered. */
export function errorsIn({ list }: Problems): Finding[] {
  return list.map((problem) => ({ ...hideSecret(problem), level: 'error' }))
}

/** What an operator should see; what is merely told at level info is not. */
export function warningsOf(warnings: readonly ConfigWarning[], api?: string): Finding[] {
  return warnings
    .filter(({ level }) => level === 'warn')
    .map(({ file, line, message, problem }) => ({ ...hideSecret(problem ?? { message }), file, line, level: 'warning', api }))
}

/** Each once: two APIs may share a section. */
export function distinct(findings: readonly Finding[]): Finding[] {
  const seen = new Map(findings.toReversed().map((finding) => [describeFinding(finding), finding]))
  return findings.filter((finding) => seen.get(describeFinding(finding)) === finding)
}

export function describeFinding(finding: Finding): string {
  return `${finding.level}: ${describeProblem(finding)}`
}

/** As `check --json` has it: every key, null where there is nothing to say. */
export function listFinding({ level, api, file, line, section, option, value, expected, nearest, message }: Finding): object {
  const keys = { api, file, line, section, option, value, expected, nearest }
  return { level, ...Object.fromEntries(Object.entries(keys).map(([key, said]) => [key, said ?? null])), message }
}

/** As it may be shown. */
export function hideSecret(problem: ConfigProblem): ConfigProblem {
  const { option, value } = problem
  return option === undefined || value === undefined ? problem : { ...problem, value: maskSecret(option, value) }
}
