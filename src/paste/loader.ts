import { resolve } from 'node:path'
import type { App, Conf, Filter, Serve } from '../app.ts'
import { NO_OBSERVER, type CompositionObserver } from '../compose/observer.ts'
import type { ConfigWarning } from '../config/config-warning.ts'
import { ConfigError } from '../errors.ts'
import { Problems } from '../problems.ts'
import { Assembly } from './assembly.ts'
import { confOf, type ConfPair } from './conf.ts'
import type { ContextOf } from './context.ts'
import { describeContext, type PipelineNode } from './pipeline-node.ts'
import type { LoadableType } from './protocols.ts'
import type { BuiltinRegistry } from './registry.ts'
import { ContextResolver } from './resolver.ts'
import { openScope } from './section-conf.ts'
import { adviseOn, matchSections } from './sections.ts'
import { isUri, parseConfigPath } from './uri.ts'

export interface LoaderOptions {
  /**
   * The INI file: a path, relative to the working directory, or PasteDeploy's `config:path#name`, whose name is loaded when no other is
   * given. Such a path is relative to `relativeTo`, and percent-encoded.
   */
  readonly configPath: string
  /** A folder, for `config:`. */
  readonly relativeTo?: string
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
 * Loads apps, filters and servers from a PasteDeploy file, as nova's wsgi Loader does. INI files are read once per loader; objects are
 * never shared: two references to a section make two of them. A name may be a URI as well: `config:other.ini#name`, relative to the file,
 * `egg:distribution#entry`, `call:module:function`. Whatever is wrong is told at once, in the `problems` of one {@link ConfigError}: first
 * of what the files say, then of the modules they name, then of what the factories say.
 */
export class Loader {
  /** Absolute. */
  readonly configPath: string
  readonly #name: string
  readonly #resolver: ContextResolver
  readonly #observer: CompositionObserver

  /** Throws {@link ConfigError} for a relative `config:` without `relativeTo`. */
  constructor({ configPath, relativeTo, builtins, observer = NO_OBSERVER }: LoaderOptions) {
    const { file, name } = parseConfigPath(configPath, relativeTo)
    this.configPath = resolve(file)
    this.#name = name
    this.#resolver = new ContextResolver(builtins)
    this.#observer = observer
  }

  /** What the sections that were used so far say in vain. */
  get warnings(): readonly ConfigWarning[] {
    return this.#resolver.warnings.list
  }

  /**
   * Imports and builds an app with everything it is composed of. `globalConf` wins over the file's `[DEFAULT]` in what factories get.
   * Throws {@link PasteAppNotFound} when no section has this name, {@link ConfigError} for whatever else is wrong.
   */
  async loadApp(name?: string, globalConf: Conf = {}): Promise<App> {
    const assembly = new Assembly(this.#resolver, this.#observer)
    const app = await assembly.buildApp(await this.#settled(() => this.#appContext(name, globalConf)))
    await assembly.settle()
    return this.#observer.loaded(app)
  }

  /**
   * Imports and builds a filter. Throws {@link ConfigError}. An app that it wraps by an asynchronous `paste.filter_app_factory` answers
   * once that is done, and rejects every request with its ConfigError when that fails.
   */
  async loadFilter(name?: string, globalConf: Conf = {}): Promise<Filter> {
    return new Assembly(this.#resolver, this.#observer).buildFilter(await this.#settled(() => this.#resolve('filter', name, globalConf)))
  }

  /** Imports and builds a server: what is returned starts it with an app. Throws {@link ConfigError}. */
  async loadServer(name?: string, globalConf: Conf = {}): Promise<Serve> {
    return new Assembly(this.#resolver, this.#observer).buildServer(await this.#settled(() => this.#resolve('server', name, globalConf)))
  }

  /** True when a section has this name. Throws {@link ConfigError} when the file cannot be read. */
  hasApp(name: string): boolean {
    return matchSections('app', name, this.#resolver.readFile(this.configPath)).length > 0
  }

  /**
   * What the app is composed of. Imports no module, and so tells nothing about what modules export. What a composite mounts may be
   * `broken`; throws as {@link loadApp} does for whatever else is wrong.
   */
  describeApp(name?: string, globalConf: Conf = {}): PipelineNode {
    return describeContext(this.#appContext(name, globalConf, false), this.#resolver)
  }

  /** Throws as {@link loadApp} does for everything that the files say wrong. Imports no module. */
  examineApp(name?: string, globalConf: Conf = {}): void {
    this.#appContext(name, globalConf)
  }

  /** PasteDeploy's `appconfig`: the app's global settings with its own on top. Imports no module. Throws as {@link loadApp} does. */
  appConfig(name?: string, globalConf: Conf = {}): Conf {
    const pair = this.appConfigs(name, globalConf)
    return { ...pair.globalConf, ...pair.localConf }
  }

  /** What {@link appConfig} lays together: `global_conf` and `local_conf` of PasteDeploy's `appconfig`. */
  appConfigs(name?: string, globalConf: Conf = {}): ConfPair {
    return confOf(this.#appContext(name, globalConf, false))
  }

  /** Where the files are wrong, the parts that are not are made all the same: what is wrong with these is told as well. */
  async #settled<C>(resolve: () => C): Promise<C> {
    const problems = new Problems()
    const { parts } = this.#resolver
    const earlier = parts.length
    const context = problems.try(resolve)
    if (context === undefined) await problems.tryAsync(() => new Assembly(this.#resolver, NO_OBSERVER).tryParts(parts.slice(earlier)))
    problems.throwAny()
    return context as C
  }

  #appContext(name = this.#name, globalConf: Conf, mounts = true): ContextOf<'app'> {
    if (!isUri(name) && !this.hasApp(name)) {
      throw new PasteAppNotFound(name, this.configPath, adviseOn('app', name, this.#resolver.readFile(this.configPath)))
    }
    return this.#resolve('app', name, globalConf, mounts)
  }

  #resolve<T extends LoadableType>(type: T, name = this.#name, globalConf: Conf, mounts = true): ContextOf<T> {
    const caller = new Map(Object.entries(globalConf))
    const scope = openScope(this.#resolver.readFile(this.configPath), caller)
    return this.#resolver.resolve(type, name, { site: { scope, place: { file: this.configPath }, trail: [], mounts }, caller })
  }
}
