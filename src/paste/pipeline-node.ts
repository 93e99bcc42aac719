import type { Context, FactoryContext, Referrer } from './context.ts'
import type { LoadableType } from './protocols.ts'
import type { ContextResolver } from './resolver.ts'
import { splitSetting, type Setting } from './section-conf.ts'
import { matchSections } from './sections.ts'

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
export function describeContext(context: Context, resolver: ContextResolver): PipelineNode {
  const { name, file, line } = context
  if (context.form !== 'factory') {
    const parts = context.form === 'filters' ? context.filters : [...context.filters, context.app]
    const kind = context.form === 'filters' ? 'filter-with' : context.form
    return { kind, name, file, line, settings: [], children: parts.map((part) => describeContext(part, resolver)) }
  }
  const { kind, text } = context.factory
  const children = kind === 'composite' ? [...context.localConf].flatMap((entry) => describeMount(context, entry, resolver)) : []
  const settings = [...context.localConf].map(([name, { value, place }]) => ({ name, value, file: place.file, line: place.line }))
  return { kind: NODE_KINDS[kind], name, file, line, factory: text, settings, children }
}

/**
 * A composite's settings mean what its factory makes of them. That a path names an app is urlmap's rule; that a list of section names
 * whose last is an app is a pipeline, that of composites which choose one of several.
 */
function describeMount(composite: FactoryContext, [mount, setting]: readonly [string, Setting], resolver: ContextResolver): PipelineNode[] {
  const { place } = setting
  const members = isPath(mount) ? [setting] : namedSections(composite, setting)
  const children = members.map((member, index) => {
    const context = resolver.resolve(typeAt(index, members), member.value, referTo(composite, member))
    return describeContext(context, resolver)
  })
  if (children.length < 2) return children.map((child) => ({ ...child, mount }))
  return [{ kind: 'pipeline', name: mount, file: place.file, line: place.line, mount, settings: [], children }]
}

function isPath(expression: string): boolean {
  return expression.split(/\s+/).some((token) => token.startsWith('/'))
}

/** The members of a pipeline, or none when any of them is not a section. */
function namedSections({ site }: FactoryContext, setting: Setting): Setting[] {
  const names = splitSetting(setting)
  return names.every(({ value }, index) => matchSections(typeAt(index, names), value, site.scope.ini).length > 0) ? names : []
}

function typeAt(index: number, members: readonly unknown[]): LoadableType {
  return index === members.length - 1 ? 'app' : 'filter'
}

function referTo({ site, globalConf }: FactoryContext, { place }: Setting): Referrer {
  return { site: { ...site, place }, caller: globalConf }
}
