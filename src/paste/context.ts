import type { IniSection } from '../config/ini.ts'
import type { FactoryReference } from './factories.ts'
import type { FactoryKind, LoadableType } from './protocols.ts'
import type { ConfMap, Scope, Setting } from './section-conf.ts'
import type { Place } from './uri.ts'

/** Where a reference stands: the file that names are looked up in, and the sections on the way to it. */
export interface Site {
  readonly scope: Scope
  readonly place: Place
  readonly trail: readonly TrailStep[]
  /** True to look up, and so to check, what built-in composites mount. */
  readonly mounts: boolean
}

export interface TrailStep {
  readonly section: IniSection
  readonly file: string
}

/** Who refers to something, and with what. */
export interface Referrer {
  readonly site: Site
  /** Its global settings. */
  readonly caller: ConfMap
  /** What `call:` names there; when absent, a plain factory of the type that is wanted. */
  readonly callKind?: FactoryKind
}

/** What every context is shown as, and the settings of the section that it is read from. */
export interface Described {
  readonly name: string
  readonly file: string
  readonly line: number | undefined
  readonly globalConf: ConfMap
  readonly localConf: ReadonlyMap<string, Setting>
}

/** One factory; the settings are what it will be called with. */
export interface FactoryContext<T extends LoadableType = LoadableType> extends Described {
  readonly form: 'factory'
  readonly factory: FactoryReference<T>
  /** Where a composite looks up the names it is given. */
  readonly site: Site
  /** What a built-in composite will look up, as far as that can be told ahead. */
  readonly mounts?: readonly Mount[]
}

/** A composite's setting that names what it is made of: the last is an app, those before it filters. */
export interface Mount {
  readonly key: string
  readonly place: Place
  readonly members: readonly (AppContext | FilterContext)[]
}

/** `[pipeline:…]` */
interface PipelineContext extends Described {
  readonly form: 'pipeline'
  readonly filters: readonly FilterContext[]
  readonly app: AppContext
}

/** `[filter-app:…]`, or an app with `filter-with`. */
interface FilteredAppContext<F extends 'filter-app' | 'filter-with'> extends Described {
  readonly form: F
  readonly filters: readonly [FilterContext]
  readonly app: AppContext
}

/** A filter with `filter-with`: the filter that it names is the outer one. */
interface FilterChainContext extends Described {
  readonly form: 'filters'
  readonly filters: readonly [named: FilterContext, own: FilterContext]
}

/** What a section means, before anything is imported or built. */
export type AppContext = FactoryContext<'app'> | PipelineContext | FilteredAppContext<'filter-app'> | FilteredAppContext<'filter-with'>
export type FilterContext = FactoryContext<'filter'> | FilterChainContext
/** What can be made by itself to see what is wrong with it. */
export type Part = FactoryContext<'app'> | FactoryContext<'filter'>
export type ServerContext = FactoryContext<'server'>
export type Context = AppContext | FilterContext | ServerContext
export type ContextOf<T extends LoadableType> = { app: AppContext; filter: FilterContext; server: ServerContext }[T]
