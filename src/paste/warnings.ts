import type { ConfigWarning } from '../config/config-warning.ts'
import { describeProblem } from '../errors.ts'
import type { Place } from './uri.ts'

/** What the sections that are used say in vain, each once. */
export class Warnings {
  readonly #list: ConfigWarning[] = []

  get list(): readonly ConfigWarning[] {
    return this.#list
  }

  add({ file, line, section, option, value }: Place, message: string): void {
    const warning: ConfigWarning = { level: 'warn', file, line, message: describeProblem({ section, option, value, message }) }
    if (!this.#list.some((known) => known.file === file && known.line === line && known.message === warning.message)) this.#list.push(warning)
  }
}
