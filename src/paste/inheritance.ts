import { ConfigError } from '../errors.ts'
import { nearestName } from '../nearest.ts'
import type { Context, Described, Site } from './context.ts'
import type { ConfMap, Setting } from './section-conf.ts'
import type { Warnings } from './warnings.ts'

/** A section that says `use`, and so takes over what another one means. */
export interface Heir extends Described {
  /** What it `set`s itself. */
  readonly additions: ConfMap
  readonly site: Site
}

type Form = Context['form']
type Inherit<F extends Form> = (context: Extract<Context, { readonly form: F }>, heir: Heir, warnings: Warnings) => Context

/** Besides the context itself, what of it the heir's settings are laid over. */
const INHERIT: { readonly [F in Form]: Inherit<F> } = {
  /** A composite looks its names up where the heir stands. */
  factory: (context, { site }) => ({ ...context, site }),
  pipeline(context, { localConf }, warnings) {
    for (const { place } of localConf.values()) warnings.add(place, 'has no effect, as a pipeline has nothing to give it to')
    return context
  },
  'filter-app': ({ filters: [own], ...context }, heir, warnings) => ({ ...context, filters: [inheritContext(own, heir, warnings)] }),
  'filter-with': ({ app, ...context }, heir, warnings) => ({ ...context, app: inheritContext(app, heir, warnings) }),
  filters: ({ filters: [named, own], ...context }, heir, warnings) => ({ ...context, filters: [named, inheritContext(own, heir, warnings)] }),
}

/**
 * What `heir` means by `use`: the same, under its own name and with its own settings on top. The heir's `set` wins over what was `set`
 * where it points to, and that over what the heir was given; `__file__` stays the heir's.
 */
export function inheritContext<C extends Context>(context: C, heir: Heir, warnings: Warnings): C {
  const inherit = INHERIT[context.form] as Inherit<Form>
  const { name, file, line, additions } = heir
  const own = [...heir.globalConf].filter(([key]) => key === '__file__')
  const globalConf = new Map([...context.globalConf, ...additions, ...own])
  const localConf = new Map([...context.localConf, ...heir.localConf])
  return { ...inherit(context, heir, warnings), name, file, line, globalConf, localConf } as Context as C
}

const PIPELINE_SETTINGS = ['pipeline', 'filter-with', 'require']

/** Throws {@link ConfigError} for settings that a pipeline has nowhere to give to. */
export function refusePipelineSettings(settings: ReadonlyMap<string, Setting>): void {
  const [first] = settings.values()
  if (first === undefined) return
  const { file, section } = first.place
  const message = `The [${section}] pipeline section in ${file} has extra (disallowed) settings: ${[...settings.keys()].join(', ')}`
  const nearest = [...settings.keys()].map((key) => nearestName(key, PIPELINE_SETTINGS)).find((name) => name !== undefined)
  throw new ConfigError({ ...first.place, message, expected: 'pipeline, set …, filter-with and require', nearest })
}
