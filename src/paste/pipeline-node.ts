import type { ConfigProblem } from '../errors.ts'
import type { AppContext, FactoryContext, FilterContext } from './context.ts'
import { guessMounts, type GuessedMount } from './mounts.ts'
import type { ContextResolver } from './resolver.ts'

/** One app or filter with what it is made of, filters from the outermost in. */
export interface PipelineNode {
  readonly kind: 'app' | 'composite' | 'filter' | 'pipeline' | 'filter-app' | 'filter-with' | 'broken'
  /** The section's name without its prefix, or the URI that stands in its place; of what is broken, what is written there. */
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
  /** Of what is broken, why. */
  readonly problems?: readonly ConfigProblem[]
}

/** One setting of a section, after interpolation. */
interface NodeSetting {
  readonly name: string
  readonly value: string
  readonly file: string
  readonly line: number | undefined
}

const NODE_KINDS = { app: 'app', composite: 'composite', filter: 'filter', filter_app: 'filter' } as const

/** What a context is made of; imports no module. A mount that cannot be looked up is `broken`. */
export function describeContext(context: AppContext | FilterContext, resolver: ContextResolver): PipelineNode {
  const { name, file, line } = context
  if (context.form !== 'factory') {
    const parts = context.form === 'filters' ? context.filters : [...context.filters, context.app]
    const kind = context.form === 'filters' ? 'filter-with' : context.form
    return { kind, name, file, line, settings: [], children: parts.map((part) => describeContext(part, resolver)) }
  }
  const mounts = context.factory.kind === 'composite' ? guessMounts(context, resolver) : []
  const settings = [...context.localConf].map(([name, { value, place }]) => ({ name, value, file: place.file, line: place.line }))
  const children = mounts.map((mount) => describeMount(mount, resolver))
  return { kind: kindOf(context, children), name, file, line, factory: context.factory.text, settings, children }
}

/** A section called an app is one although its factory may load others, unless it does. */
function kindOf({ factory, site }: FactoryContext<'app' | 'filter'>, children: readonly PipelineNode[]): PipelineNode['kind'] {
  const isPlain = children.length === 0 && /^app(lication)?:/.test(site.place.section ?? '')
  return isPlain && factory.kind === 'composite' ? 'app' : NODE_KINDS[factory.kind]
}

function describeMount({ key, value, place: { file, line }, members, problems }: GuessedMount, resolver: ContextResolver): PipelineNode {
  if (problems.length > 0) return { kind: 'broken', name: value, file, line, mount: key, settings: [], children: [], problems }
  const children = members.map((member) => describeContext(member, resolver))
  const [only, ...others] = children
  if (only !== undefined && others.length === 0) return { ...only, mount: key }
  return { kind: 'pipeline', name: key, file, line, mount: key, settings: [], children }
}
