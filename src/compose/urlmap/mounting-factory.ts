import type { App, CompositeFactory } from '../../app.ts'
import { Problems } from '../../problems.ts'
import { refuse } from './not-found.ts'

/** What apps are mounted in. */
interface AppMap {
  /** @throws ConfigError when the expression cannot be read. */
  add(expression: string, app: App): void
  readonly app: App
}

/**
 * The factory of a composite whose keys are path expressions, each with the name of the app mounted there. `not_found_app` of the section,
 * else of `[DEFAULT]`, names the app for everything else; empty, it is none. Apps are made with the composite's global settings.
 * Everything that is wrong is told at once.
 */
export function mountingFactory(Map: new (notFound?: App) => AppMap): CompositeFactory {
  return async (loader, globalConf, localConf) => {
    const problems = new Problems()
    const load = (name: string): Promise<App | undefined> => problems.tryAsync(() => loader.getApp(name, globalConf))
    const { not_found_app: lost = globalConf['not_found_app'] ?? '', ...mounts } = localConf
    const map = new Map(lost === '' ? undefined : await load(lost))
    for (const [expression, name] of Object.entries(mounts)) {
      const app = await load(name)
      problems.try(() => map.add(expression, app ?? refuse))
    }
    problems.throwAny()
    return map.app
  }
}
