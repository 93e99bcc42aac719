import type { App, CompositeLoader, Conf, Filter, Serve } from '../app.ts'
import type { CompositionObserver } from '../compose/observer.ts'
import { composePipeline } from '../compose/pipeline.ts'
import { confOf } from './conf.ts'
import type { AppContext, FactoryContext, FilterContext, Part, Referrer, ServerContext } from './context.ts'
import { callFactory, callNow, callRunner, requireFunction } from './factory-call.ts'
import { gatherAsync } from './gather.ts'
import { importFactories } from './imports.ts'
import { importExport } from './module-export.ts'
import { FACTORY_TYPES } from './protocols.ts'
import type { ContextResolver } from './resolver.ts'
import { splitSetting, type Setting } from './section-conf.ts'

/** Builds one app with all that belongs to it: every reference to a section makes another object. */
export class Assembly {
  readonly #resolver: ContextResolver
  readonly #observer: CompositionObserver
  readonly #unsettled: Promise<void>[] = []

  constructor(resolver: ContextResolver, observer: CompositionObserver) {
    this.#resolver = resolver
    this.#observer = observer
  }

  /** Imports everything, then builds it. Throws {@link ConfigError} with everything that is wrong. */
  async buildApp(context: AppContext): Promise<App> {
    return this.#build(context, () => this.#composeApp(context))
  }

  /** As {@link buildApp}. */
  async buildFilter(context: FilterContext): Promise<Filter> {
    return this.#build(context, () => this.#composeFilter(context))
  }

  /** As {@link buildApp}. */
  async buildServer(context: ServerContext): Promise<Serve> {
    const { globalConf, localConf } = confOf(context)
    const made = await context.factory.load()
    if (made.kind === 'server') return callFactory(context, () => made.factory(globalConf, localConf))
    return (app) => callRunner(context, () => made.factory(app, globalConf, localConf))
  }

  /** Makes each by itself. Rejects with {@link ConfigError} with everything that is wrong with any. */
  async tryParts(parts: readonly Part[]): Promise<void> {
    await gatherAsync<readonly unknown[]>(parts.map((part) => () => (isFilter(part) ? this.buildFilter(part) : this.buildApp(part))))
  }

  /** Resolves when every app that was wrapped asynchronously is there, and rejects when any cannot be made. */
  async settle(): Promise<void> {
    await gatherAsync(this.#unsettled.map((settled) => () => settled))
  }

  /** What can be made is made also when something else cannot be imported, so that what is wrong with it is told as well. */
  async #build<T>(context: AppContext | FilterContext, compose: () => Promise<T>): Promise<T> {
    const [, made] = await gatherAsync([() => importFactories(context), compose])
    return made
  }

  /** The app first, then its filters from left to right, then the whole; but for `filter-with`, whose filter comes first. */
  async #composeApp(context: AppContext): Promise<App> {
    if (context.form === 'factory') return this.#makeApp(context)
    const makeApp = (): Promise<App> => this.#composeApp(context.app)
    const makeFilters = (): Promise<readonly Filter[]> => this.#buildFilters(context.filters)
    if (context.form === 'filter-with') {
      const [filters, app] = await gatherAsync([makeFilters, makeApp])
      return composePipeline(filters, app)
    }
    const [app, filters] = await gatherAsync([makeApp, makeFilters])
    return composePipeline(filters, app)
  }

  async #composeFilter(context: FilterContext): Promise<Filter> {
    if (context.form === 'factory') return this.#makeFilter(context)
    const filters = await this.#buildFilters(context.filters)
    return (next) => composePipeline(filters, next)
  }

  async #buildFilters(contexts: readonly FilterContext[]): Promise<readonly Filter[]> {
    return gatherAsync(contexts.map((context) => () => this.#composeFilter(context)))
  }

  async #makeApp(context: FactoryContext<'app'>): Promise<App> {
    const { globalConf, localConf } = confOf(context)
    const made = await context.factory.load()
    const inner: App[] = []
    const app = await callFactory(context, () => {
      if (made.kind === 'app') return made.factory(globalConf, localConf)
      return made.factory(this.#loaderFor(context, inner), globalConf, localConf)
    })
    return this.#observer.composed(context, app, inner)
  }

  async #makeFilter(context: FactoryContext<'filter'>): Promise<Filter> {
    const { globalConf, localConf } = confOf(context)
    const made = await context.factory.load()
    const observed = (next: App, wrap: () => App | Promise<App>): App => this.#observer.composed(context, this.#wrap(context, wrap), [next])
    if (made.kind === 'filter_app') return (next) => observed(next, () => made.factory(next, globalConf, localConf))
    const filter = await callFactory(context, () => made.factory(globalConf, localConf))
    return (next) => observed(next, () => filter(next))
  }

  #wrap(context: FactoryContext, wrap: () => App | Promise<App>): App {
    const wrapped = callNow(context, wrap)
    return wrapped instanceof Promise ? this.#await(callFactory(context, () => wrapped)) : requireFunction(context, wrapped)
  }

  /** Filters are applied at once, but `paste.filter_app_factory` may take its time. */
  #await(coming: Promise<App>): App {
    let app: App = async (request) => (await coming)(request)
    const settled = coming.then((made) => {
      app = made
    })
    settled.catch(() => undefined)
    this.#unsettled.push(settled)
    return (request) => app(request)
  }

  /** What it loads is put into `inner`. */
  #loaderFor(context: FactoryContext<'app'>, inner: App[]): CompositeLoader {
    const keep = (app: App): App => {
      inner.push(app)
      return app
    }
    return {
      getApp: async (name, globalConf) => keep(await this.buildApp(this.#resolver.resolve('app', name, referTo(context, name, globalConf)))),
      getFilter: async (name, globalConf) => {
        const filter = await this.buildFilter(this.#resolver.resolve('filter', name, referTo(context, name, globalConf)))
        return (next) => keep(filter(next))
      },
      getServer: async (name, globalConf) => this.buildServer(this.#resolver.resolve('server', name, referTo(context, name, globalConf))),
      getExport: (target) => importExport(target, referTo(context, target).site.place),
    }
  }
}

function isFilter(part: Part): part is FactoryContext<'filter'> {
  return FACTORY_TYPES[part.factory.kind] === 'filter'
}

/** A composite looks names up where it stands; for errors, where the name is written. */
function referTo({ site, localConf }: FactoryContext, name: string, globalConf: Conf = {}): Referrer {
  const settings = [...localConf.values()]
  const isMeant = ({ value }: Setting): boolean => value === name
  const written = settings.find(isMeant) ?? settings.flatMap(splitSetting).find(isMeant)
  return { site: { ...site, place: written?.place ?? site.place }, caller: new Map(Object.entries(globalConf)) }
}
