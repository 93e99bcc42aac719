import type { App, Conf, Filter, FilterFactory } from '../../src/app.ts'
import { lintApp } from '../../src/compose/lint.ts'

/** `app` inside a filter, both sides of which are held to the contract. */
export function wrapLinted(filter: Filter, app: App): App {
  return lintApp(filter(lintApp(app)))
}

/** The same, of a filter that its factory makes first. */
export async function makeLinted(factory: FilterFactory, localConf: Conf, app: App): Promise<App> {
  return wrapLinted(await factory({}, localConf), app)
}
