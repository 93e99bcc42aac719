import { resolve } from 'node:path'
import type { App, Conf, Filter } from '../app.ts'
import { NO_OBSERVER, type CompositionObserver } from '../compose/observer.ts'
import type { ConfigWarning } from '../config/config-warning.ts'
import { ConfigError } from '../errors.ts'
import { Assembly } from './assembly.ts'
import { confOf } from './conf.ts'
import type { AppContext, Referrer } from './context.ts'
import { describeContext, type PipelineNode } from './pipeline-node.ts'
import type { BuiltinRegistry } from './registry.ts'
import { ContextResolver } from './resolver.ts'
import { openScope } from './section-conf.ts'
import { adviseOn, matchSections } from './sections.ts'

export interface LoaderOptions {
  /** The INI file. */
  readonly configPath: string
  /** What `egg:` finds without any package. */
  readonly builtins: BuiltinRegistry
  /** Is told of every filter and app where it is composed. */
  readonly observer?: CompositionObserver
}

/** The file has no app of this name. */
export class PasteAppNotFound extends ConfigError {
  constructor(name: string, path: string, advice: { nearest?: string | undefined; expected?: string | undefined }) {
    super({ message: `Could not load paste app '${name}' from ${path}`, ...advice })
  }
}

/**
 * Loads apps and filters from a PasteDeploy file, as nova's wsgi Loader does. INI files are read once per loader; objects are never
 * shared: two references to a section make two of them.
 */
export class Loader {
  /** Absolute. */
  readonly configPath: string
  /** What of the files has no effect, or not the one it seems to have. */
  readonly warnings: readonly ConfigWarning[] = []
  readonly #resolver: ContextResolver
  readonly #observer: CompositionObserver

  constructor({ configPath, builtins, observer = NO_OBSERVER }: LoaderOptions) {
    this.configPath = resolve(configPath)
    this.#resolver = new ContextResolver(builtins)
    this.#observer = observer
  }

  /**
   * Imports and builds an app with everything it is composed of. `globalConf` wins over the file's `[DEFAULT]` in what factories get.
   * Throws {@link PasteAppNotFound} when no section has this name, {@link ConfigError} for whatever else is wrong.
   */
  async loadApp(name = 'main', globalConf: Conf = {}): Promise<App> {
    const assembly = new Assembly(this.#resolver, this.#observer)
    const app = await assembly.buildApp(this.#appContext(name, globalConf))
    await assembly.settle()
    return this.#observer.loaded(app)
  }

  /**
   * Imports and builds a filter. Throws {@link ConfigError}. An app that it wraps by an asynchronous `paste.filter_app_factory` answers
   * once that is done, and rejects every request with its ConfigError when that fails.
   */
  async loadFilter(name = 'main', globalConf: Conf = {}): Promise<Filter> {
    const context = this.#resolver.resolve('filter', name, this.#referrer(globalConf))
    return new Assembly(this.#resolver, this.#observer).buildFilter(context)
  }

  /** True when a section has this name. Throws {@link ConfigError} when the file cannot be read. */
  hasApp(name: string): boolean {
    return matchSections('app', name, this.#resolver.readFile(this.configPath)).length > 0
  }

  /** What the app is composed of. Imports no module, and so tells nothing about what modules export. Throws as {@link loadApp} does. */
  describeApp(name = 'main', globalConf: Conf = {}): PipelineNode {
    return describeContext(this.#appContext(name, globalConf), this.#resolver)
  }

  /** PasteDeploy's `appconfig`: the app's global settings with its own on top. Imports no module. Throws as {@link loadApp} does. */
  appConfig(name = 'main', globalConf: Conf = {}): Conf {
    const pair = confOf(this.#appContext(name, globalConf))
    return { ...pair.globalConf, ...pair.localConf }
  }

  #appContext(name: string, globalConf: Conf): AppContext {
    if (!this.hasApp(name)) {
      throw new PasteAppNotFound(name, this.configPath, adviseOn('app', name, this.#resolver.readFile(this.configPath)))
    }
    return this.#resolver.resolve('app', name, this.#referrer(globalConf))
  }

  #referrer(globalConf: Conf): Referrer {
    const caller = new Map(Object.entries(globalConf))
    const scope = openScope(this.#resolver.readFile(this.configPath), caller)
    return { site: { scope, place: { file: this.configPath }, trail: [] }, caller }
  }
}
