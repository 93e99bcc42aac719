import { ConfigError } from '../errors.ts'
import type { Context, FactoryContext, Named, Site } from './context.ts'
import type { ConfMap, Setting } from './section-conf.ts'

/** A section that says `use`, and so takes over what another one means. */
export interface Heir extends Named {
  readonly globalConf: ConfMap
  /** What it `set`s itself. */
  readonly additions: ConfMap
  readonly localConf: ReadonlyMap<string, Setting>
  readonly site: Site
}

type Form = Context['form']
type Inherit<F extends Form> = (context: Extract<Context, { readonly form: F }>, heir: Heir) => Context

/** Whose settings those of the heir are laid over. */
const INHERIT: { readonly [F in Form]: Inherit<F> } = {
  factory: overlay,
  pipeline(context, { localConf, additions }) {
    refusePipelineSettings(localConf)
    return { ...context, globalConf: new Map([...context.globalConf, ...additions]) }
  },
  'filter-app': ({ filters: [own], ...context }, heir) => ({ ...context, filters: [inheritContext(own, heir)] }),
  'filter-with': ({ app, ...context }, heir) => ({ ...context, app: inheritContext(app, heir) }),
  filters: ({ filters: [named, own], ...context }, heir) => ({ ...context, filters: [named, inheritContext(own, heir)] }),
}

/** What `heir` means by `use`: the same, under its own name and with its own settings on top. */
export function inheritContext<C extends Context>(context: C, heir: Heir): C {
  const inherit = INHERIT[context.form] as Inherit<Form>
  const { name, file, line } = heir
  return { ...inherit(context, heir), name, file, line } as C
}

/**
 * The heir's `set` wins over what was `set` where it points to, and that over what the heir was given. `__file__` stays the heir's, and
 * a composite looks its names up where the heir stands.
 */
function overlay<C extends FactoryContext>(context: C, { globalConf, additions, localConf, site }: Heir): C {
  const file = [...globalConf].filter(([key]) => key === '__file__')
  return {
    ...context,
    globalConf: new Map([...context.globalConf, ...additions, ...file]),
    localConf: new Map([...context.localConf, ...localConf]),
    site,
  }
}

/** Throws {@link ConfigError} for settings that a pipeline has nowhere to give to. */
export function refusePipelineSettings(settings: ReadonlyMap<string, Setting>): void {
  const [first] = settings.values()
  if (first === undefined) return
  const { file, section } = first.place
  const message = `The [${section}] pipeline section in ${file} has extra (disallowed) settings: ${[...settings.keys()].join(', ')}`
  throw new ConfigError({ ...first.place, message, expected: 'pipeline, set …, filter-with and require' })
}
