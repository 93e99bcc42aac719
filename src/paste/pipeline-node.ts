import type { AppContext, FilterContext, Mount } from './context.ts'
import { guessMounts } from './mounts.ts'
import type { ContextResolver } from './resolver.ts'

/** One app or filter with what it is made of, filters from the outermost in. */
export interface PipelineNode {
  readonly kind: 'app' | 'composite' | 'filter' | 'pipeline' | 'filter-app' | 'filter-with'
  /** The section's name without its prefix, or the URI that stands in its place. */
  readonly name: string
  readonly file: string
  readonly line: number | undefined
  /** As it is written: `egg:Paste#urlmap`, `./apps/compute.js:factory`. */
  readonly factory?: string
  /** What a composite calls it: `/v2.1`, `keystone`. */
  readonly mount?: string
  /** What its factory gets as localConf, and where that is written. */
  readonly settings: readonly NodeSetting[]
  readonly children: readonly PipelineNode[]
}

/** One setting of a section, after interpolation. */
interface NodeSetting {
  readonly name: string
  readonly value: string
  readonly file: string
  readonly line: number | undefined
}

const NODE_KINDS = { app: 'app', composite: 'composite', filter: 'filter', filter_app: 'filter' } as const

/** What a context is made of; imports no module. Throws {@link ConfigError} for a mount whose app is not there. */
export function describeContext(context: AppContext | FilterContext, resolver: ContextResolver): PipelineNode {
  const { name, file, line } = context
  if (context.form !== 'factory') {
    const parts = context.form === 'filters' ? context.filters : [...context.filters, context.app]
    const kind = context.form === 'filters' ? 'filter-with' : context.form
    return { kind, name, file, line, settings: [], children: parts.map((part) => describeContext(part, resolver)) }
  }
  const { kind, text } = context.factory
  const mounts = kind === 'composite' ? guessMounts(context, resolver) : []
  const settings = [...context.localConf].map(([name, { value, place }]) => ({ name, value, file: place.file, line: place.line }))
  const children = mounts.map((mount) => describeMount(mount, resolver))
  return { kind: NODE_KINDS[kind], name, file, line, factory: text, settings, children }
}

function describeMount({ key, place: { file, line }, members }: Mount, resolver: ContextResolver): PipelineNode {
  const children = members.map((member) => describeContext(member, resolver))
  const [only, ...others] = children
  if (only !== undefined && others.length === 0) return { ...only, mount: key }
  return { kind: 'pipeline', name: key, file, line, mount: key, settings: [], children }
}
