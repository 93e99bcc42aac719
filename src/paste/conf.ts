import type { Conf } from '../app.ts'
import type { Described } from './context.ts'

/** The two dictionaries that a factory is called with. */
export interface ConfPair {
  readonly globalConf: Conf
  readonly localConf: Conf
}

/** The dictionaries of a section, whatever is wrapped around it, as new objects. */
export function confOf({ globalConf, localConf }: Described): ConfPair {
  return {
    globalConf: Object.fromEntries(globalConf),
    localConf: Object.fromEntries([...localConf].map(([key, { value }]) => [key, value])),
  }
}
