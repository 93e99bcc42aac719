import { maskSecret } from './secrets.ts'

/**
 * Whose fault it is decides the type. `HttpError` is the client's or the app's and is answered with its status; `TransportError`
 * means the wire is gone and is never answered; `ConfigError` is the operator's and stops the start.
 */

/** Marks our errors across copies of the package: an app may have its own, beside that of a `millrace` installed for all. */
const KIND = Symbol.for('millrace.error')

/** `value instanceof type` for a class whose instances any copy of it may have made; a class made from it is only itself. */
function isKind(type: object, base: object, value: unknown): boolean {
  if (type !== base) return Function.prototype[Symbol.hasInstance].call(type, value)
  return typeof value === 'object' && value !== null && KIND in value && value[KIND] === (base as typeof Error).name
}

export interface HttpErrorOptions extends ErrorOptions {
  /** Fields to send with the answer, names in lower case. */
  headers?: Record<string, string>
  /** False hides the message from the client, who then reads the status's own phrase. Default: true below 500. */
  expose?: boolean
  /** More members of the answer's body, next to the message (RFC 9457 §3.2); sent when the message is. */
  problem?: Readonly<Record<string, unknown>>
}

/** To be answered with `status` (400–599). The message is for the client unless `expose` is false. */
export class HttpError extends Error {
  static override [Symbol.hasInstance](value: unknown): boolean {
    return isKind(this, HttpError, value)
  }

  override readonly name = 'HttpError'
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly expose: boolean
  readonly problem: Readonly<Record<string, unknown>>

  constructor(status: number, message: string, options: HttpErrorOptions = {}) {
    super(message, options)
    this.status = status
    this.headers = options.headers ?? {}
    this.expose = options.expose ?? status < 500
    this.problem = options.problem ?? {}
  }
}
Object.defineProperty(HttpError.prototype, KIND, { value: 'HttpError' })

/** The connection is gone: the client left, a deadline passed, or the process had to stop. Never answered. */
export class TransportError extends Error {
  static override [Symbol.hasInstance](value: unknown): boolean {
    return isKind(this, TransportError, value)
  }

  override readonly name = 'TransportError'
}
Object.defineProperty(TransportError.prototype, KIND, { value: 'TransportError' })

/** Where in the configuration something is wrong, and what would be right. */
export interface ConfigProblem {
  message: string
  file?: string | undefined
  /** Counted from 1. */
  line?: number | undefined
  section?: string | undefined
  option?: string | undefined
  value?: string | undefined
  expected?: string | undefined
  /** The valid name closest to the one that was given. */
  nearest?: string | undefined
}

/** The operator's configuration cannot be used: all that is wrong with it. The process ends with exit code 2 before anything is served. */
export class ConfigError extends Error {
  static override [Symbol.hasInstance](value: unknown): boolean {
    return isKind(this, ConfigError, value)
  }

  override readonly name = 'ConfigError'
  /** The first of {@link problems}. */
  readonly problem: Readonly<ConfigProblem>
  readonly problems: readonly [Readonly<ConfigProblem>, ...Readonly<ConfigProblem>[]]

  constructor(problem: ConfigProblem | readonly [ConfigProblem, ...ConfigProblem[]], options?: ErrorOptions) {
    const problems = isList(problem) ? problem : ([problem] as const)
    super(problems.map(describeProblem).join('\n'), options)
    this.problem = problems[0]
    this.problems = problems
  }
}
Object.defineProperty(ConfigError.prototype, KIND, { value: 'ConfigError' })

/** `Array.isArray` takes no list that cannot be changed for one. */
function isList(problem: ConfigProblem | readonly [ConfigProblem, ...ConfigProblem[]]): problem is readonly [ConfigProblem, ...ConfigProblem[]] {
  return Array.isArray(problem)
}

/** `file:line: [section] option: message (got "value"; expected …); did you mean "…"?` A value that is secret by its option's name is masked. */
export function describeProblem(problem: ConfigProblem): string {
  const { file, line, section, option, value, expected, nearest } = problem
  const place = file === undefined ? '' : `${line === undefined ? file : `${file}:${line}`}: `
  const where = `${section === undefined ? '' : `[${section}] `}${option === undefined ? '' : `${option}: `}`
  const details = [value === undefined ? '' : `got "${maskSecret(option ?? '', value)}"`, expected === undefined ? '' : `expected ${expected}`].filter(Boolean)
  const detail = details.length === 0 ? '' : ` (${details.join('; ')})`
  return `${place}${where}${problem.message}${detail}${nearest === undefined ? '' : `; did you mean "${nearest}"?`}`
}
