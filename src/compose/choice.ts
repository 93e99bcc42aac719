import type { Conf } from '../app.ts'

/** What names the one of several pipelines that is made: an option of the section, else of `[DEFAULT]`, else its default. */
export interface Choice {
  readonly option: string
  readonly fallback: string
}

/** nova has it in nova.conf. */
export const AUTH_STRATEGY: Choice = { option: 'auth_strategy', fallback: 'keystone' }
/** glance and heat have it in `[paste_deploy]` of their own configuration. */
export const FLAVOR: Choice = { option: 'flavor', fallback: 'default' }

/** The key of the pipeline. */
export function chosenBy({ option, fallback }: Choice, globalConf: Conf, localConf: Conf): string {
  return localConf[option] ?? globalConf[option] ?? fallback
}
