import type { Conf } from '../app.ts'
import type { Context } from './context.ts'

/** The two dictionaries that a factory is called with. */
export interface ConfPair {
  readonly globalConf: Conf
  readonly localConf: Conf
}

type Form = Context['form']
type Read<F extends Form> = (context: Extract<Context, { readonly form: F }>) => ConfPair

/** Whose dictionaries stand for the whole: the section's own, whatever is wrapped around it. */
const READ: { readonly [F in Form]: Read<F> } = {
  factory: ({ globalConf, localConf }) => ({
    globalConf: Object.fromEntries(globalConf),
    localConf: Object.fromEntries([...localConf].map(([key, { value }]) => [key, value])),
  }),
  pipeline: ({ globalConf }) => ({ globalConf: Object.fromEntries(globalConf), localConf: {} }),
  'filter-app': ({ filters: [own] }) => confOf(own),
  'filter-with': ({ app }) => confOf(app),
  filters: ({ filters: [, own] }) => confOf(own),
}

/** The dictionaries of a section, as new objects. */
export function confOf(context: Context): ConfPair {
  return (READ[context.form] as Read<Form>)(context)
}
