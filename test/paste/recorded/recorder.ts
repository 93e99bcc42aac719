import type { App, Conf, HttpRequest } from '../../../src/app.ts'
import { builtins } from '../../../src/builtins.ts'
import type { BuiltinRegistry, BuiltinRow } from '../../../src/paste/registry.ts'

/** What a factory was called with. `kind` is its protocol, `name` what the file calls it. */
export interface Made {
  readonly kind: string
  readonly name: string
  readonly globalConf: Conf
  readonly localConf: Conf
}

/** One app or filter that a request passed: its place in what was made, the script name and the path info that it saw. */
type Step = readonly [made: number, scriptName: string, pathInfo: string]

const TRACE = 'recorded.trace'

/** Factories that keep what they are called with, and make apps and filters that keep which requests pass them. */
export class Recorder {
  readonly made: Made[] = []
  readonly registry: BuiltinRegistry

  constructor() {
    const apps = ['rec:app', 'rec:other_app', 'rec.pkg:App.make', 'Rec#main', 'Rec#app'].map((name) => this.#app(name))
    const filters = ['rec:filter', 'Rec#main', 'Rec#filter'].map((name) => this.#filter(name))
    const filterApps = ['rec:filter_app', 'Rec#filter_app'].map((name) => this.#filterApp(name))
    const composites = ['rec:composite', 'Rec#composite'].map((name) => this.#composite(name))
    this.registry = [...builtins, ...apps, ...filters, ...filterApps, ...composites, ...this.servers()]
  }

  /** An app to put filters in front of. */
  terminal(): App {
    return this.#answering(this.keep('app', 'terminal', {}, {}))
  }

  /** Rows of servers; none here. */
  protected servers(): readonly BuiltinRow[] {
    return []
  }

  protected keep(kind: string, name: string, globalConf: Conf, localConf: Conf): number {
    const shown = name.includes('#') ? `egg:${name}` : name
    return this.made.push({ kind, name: shown, globalConf: { ...globalConf }, localConf: { ...localConf } }) - 1
  }

  #app(name: string): BuiltinRow {
    return { names: [name], kind: 'app', factory: (global, local) => this.#answering(this.keep('app', name, global, local)) }
  }

  #filter(name: string): BuiltinRow {
    return {
      names: [name],
      kind: 'filter',
      factory: (global, local) => {
        const index = this.keep('filter', name, global, local)
        return (next) => passing(index, next)
      },
    }
  }

  #filterApp(name: string): BuiltinRow {
    return { names: [name], kind: 'filter_app', factory: (next, global, local) => passing(this.keep('filter_app', name, global, local), next) }
  }

  /** `apps` are loaded from left to right, `filters` put around the first of them; `pass` gives them the composite's global settings. */
  #composite(name: string): BuiltinRow {
    return {
      names: [name],
      kind: 'composite',
      factory: async (loader, global, local) => {
        const index = this.keep('composite', name, global, local)
        const passed = local['pass'] ? global : undefined
        const apps: App[] = []
        for (const app of words(local['apps'])) apps.push(await loader.getApp(app, passed))
        let [first, ...others] = apps
        for (const filter of words(local['filters']).toReversed()) first &&= (await loader.getFilter(filter, passed))(first)
        return passing(index, async (request) => {
          for (const other of others) await other(request)
          return first === undefined ? {} : first(request)
        })
      },
    }
  }

  #answering(index: number): App {
    return passing(index, () => ({ status: 200 }))
  }
}

/** The steps that a request took. */
export function traceOf(request: HttpRequest): Step[] {
  return (request.environ[TRACE] ??= []) as Step[]
}

function passing(index: number, next: App): App {
  return (request) => {
    traceOf(request).push([index, request.scriptName, request.pathInfo])
    return next(request)
  }
}

function words(text = ''): string[] {
  return text.split(/\s+/).filter(Boolean)
}
