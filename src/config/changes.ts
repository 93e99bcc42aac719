import type { ApiConfig } from './api-config.ts'
import { API_OPTIONS, DEFAULT_OPTIONS } from './default-options.ts'
import type { Config } from './load.ts'
import type { DefaultSettings, OptionRow, WsgiSettings } from './options.ts'
import { describeSetting, findSetting, type Setting, valuesOf } from './settings.ts'
import { WSGI_OPTIONS } from './wsgi-options.ts'

/** An option that has another value than before. */
export interface OptionChange {
  /** `group.name` */
  readonly option: string
  /** The one API it is about; none where it is about all that do not say otherwise. */
  readonly api?: string
  /** As an operator would write it; empty when it is not set. What is secret is masked. */
  readonly from: string
  readonly to: string
  readonly row: OptionRow
}

/** Whether another value of an option can be taken over. */
export type Takes = (row: OptionRow) => boolean

const SSL = DEFAULT_OPTIONS.find(({ name }) => name === 'enabled_ssl_apis') as OptionRow

/**
 * What differs where it takes effect, each told once: by `[wsgi]` where an API has what all have, before and after. What every API says for itself
 * has not changed in `[wsgi]`. APIs that are new or gone have no options that changed.
 */
export function changesBetween(before: Config, after: Config): OptionChange[] {
  const apis = before.apis.map(({ name }) => name).filter((name) => after.apis.some((api) => api.name === name))
  return [
    ...DEFAULT_OPTIONS.flatMap(({ name }) => change(defaultIn(before, name), defaultIn(after, name))),
    ...apis.flatMap((api) => API_OPTIONS.flatMap(({ name }) => change(ownIn(before, api, name), ownIn(after, api, name), api))),
    ...once(apis.flatMap((api) => WSGI_OPTIONS.flatMap(({ name }) => wsgiChange(wsgiIn(before, api, name), wsgiIn(after, api, name), api)))),
  ]
}

function change(from: Setting, to: Setting, api?: string): OptionChange[] {
  if (JSON.stringify(from.value) === JSON.stringify(to.value)) return []
  return [{ option: `${to.group}.${to.option}`, ...(api !== undefined && { api }), from: describeSetting(from).value, to: describeSetting(to).value, row: to.row }]
}

/** Told by the API's own group when it had a value for itself, or has one now. */
function wsgiChange(from: Setting, to: Setting, api: string): OptionChange[] {
  if (from.group === 'wsgi' && to.group === 'wsgi') return change(from, to)
  return change(from, { ...to, group: `wsgi:${api}` }, api)
}

function once(changes: readonly OptionChange[]): OptionChange[] {
  return [...new Map(changes.map((each) => [each.option, each])).values()]
}

function defaultIn({ options }: Config, name: string): Setting {
  return findSetting(options, 'DEFAULT', name)
}

/** `<api>_listen` and its like. */
function ownIn(config: Config, api: string, name: string): Setting {
  return defaultIn(config, `${api}_${name}`)
}

/** An API that does not say otherwise has what `[wsgi]` says. */
function wsgiIn({ options }: Config, api: string, name: string): Setting {
  return options.find(({ group, option }) => group === `wsgi:${api}` && option === name) ?? findSetting(options, 'wsgi', name)
}

/** What a configuration that was merged says of one API. */
interface MergedApi {
  readonly config: ApiConfig
  readonly own: readonly Setting[]
  readonly wsgi: readonly Setting[]
}

/** `after`, but for what cannot be taken over: that stays as it was. */
export function merge(before: Config, after: Config, takes: Takes): Config {
  const defaults = DEFAULT_OPTIONS.map((row) => defaultIn(takes(row) ? after : before, row.name))
  const wsgi = WSGI_OPTIONS.map((row) => findSetting((takes(row) ? after : before).options, 'wsgi', row.name))
  const settings = valuesOf(defaults) as DefaultSettings
  const { apis: enabled } = settings.enabled_apis === before.settings.enabled_apis ? before : after
  const apis = enabled.map(({ name }) => mergeApi(name, { before, after, takes }))
  const options = [...defaults, ...wsgi, ...apis.flatMap((api) => ownSettings(api, wsgi))]
  return { ...after, settings, options, apis: apis.map(({ config }) => config), sourceOf: (group, option) => findSetting(options, group, option).source }
}

/** One that is new is as `after` has it. One that stays although it is gone from `after` is as it was. */
function mergeApi(name: string, { before, after, takes }: { before: Config; after: Config; takes: Takes }): MergedApi {
  const [old, now] = [before, after].map(({ apis }) => apis.find((api) => api.name === name))
  if (old === undefined) return mergedApi(now as ApiConfig, () => after)
  if (now === undefined) return mergedApi(old, () => before)
  const { ssl } = takes(SSL) ? now : old
  return mergedApi({ ...now, ssl }, (row) => (takes(row) && !isOfTls(row, ssl && !now.ssl) ? after : before))
}

/** Who goes on speaking TLS although it shall not any more needs its certificate: without one no new worker of it could start. */
function isOfTls({ name }: OptionRow, keepsSpeaking: boolean): boolean {
  return keepsSpeaking && name.startsWith('ssl_')
}

function mergedApi(api: ApiConfig, sourceOf: (row: OptionRow) => Config): MergedApi {
  const own = API_OPTIONS.map((row) => ownIn(sourceOf(row), api.name, row.name))
  const wsgi = WSGI_OPTIONS.map((row) => wsgiIn(sourceOf(row), api.name, row.name))
  return { config: { ...api, ...valuesOf(own), wsgi: valuesOf(wsgi) as WsgiSettings }, own, wsgi }
}

/** What is the same for all is not its own. */
function ownSettings({ config: { name }, own, wsgi }: MergedApi, general: readonly Setting[]): Setting[] {
  const differing = wsgi.filter((setting, index) => setting.group !== 'wsgi' || setting.value !== general[index]?.value)
  return [...own, ...differing.map((setting) => ({ ...setting, group: `wsgi:${name}` }))]
}
