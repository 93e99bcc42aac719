import type { App, CompositeLoader, Conf, Filter } from '../app.ts'
import type { CompositionObserver } from '../compose/observer.ts'
import { composePipeline } from '../compose/pipeline.ts'
import { confOf } from './conf.ts'
import type { AppContext, FactoryContext, FilterContext, Referrer } from './context.ts'
import { callFactory, callNow, requireFunction } from './factory-call.ts'
import { importExport } from './module-export.ts'
import type { ContextResolver } from './resolver.ts'

/** Builds one app with all that belongs to it: every reference to a section makes another object. */
export class Assembly {
  readonly #resolver: ContextResolver
  readonly #observer: CompositionObserver
  readonly #unsettled: Promise<void>[] = []

  constructor(resolver: ContextResolver, observer: CompositionObserver) {
    this.#resolver = resolver
    this.#observer = observer
  }

  /** The app first, then its filters from left to right, then the whole. Throws {@link ConfigError}. */
  async buildApp(context: AppContext): Promise<App> {
    if (context.form === 'factory') return this.#makeApp(context)
    const app = await this.buildApp(context.app)
    return composePipeline(await this.#buildFilters(context.filters), app)
  }

  /** Throws {@link ConfigError}. */
  async buildFilter(context: FilterContext): Promise<Filter> {
    if (context.form === 'factory') return this.#makeFilter(context)
    const filters = await this.#buildFilters(context.filters)
    return (next) => composePipeline(filters, next)
  }

  /** Resolves when every app that was wrapped asynchronously is there, and rejects when one cannot be made. */
  async settle(): Promise<void> {
    await Promise.all(this.#unsettled)
  }

  async #buildFilters(contexts: readonly FilterContext[]): Promise<Filter[]> {
    const filters: Filter[] = []
    for (const context of contexts) filters.push(await this.buildFilter(context))
    return filters
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
      getExport: (target) => importExport(target, referTo(context, target).site.place),
    }
  }
}

/** A composite looks names up where it stands; for errors, where the name is written. */
function referTo({ site, localConf }: FactoryContext, name: string, globalConf: Conf = {}): Referrer {
  const written = [...localConf.values()].find(({ value }) => value === name || value.split(/\s+/).includes(name))
  return { site: { ...site, place: written?.place ?? site.place }, caller: new Map(Object.entries(globalConf)) }
}
