import type { ApiConfig } from './api-config.ts'
import { API_OPTIONS, DEFAULT_OPTIONS } from './default-options.ts'
import type { Config } from './load.ts'
import type { OptionRow } from './options.ts'
import { describeSetting, type Setting } from './settings.ts'
import { WSGI_OPTIONS } from './wsgi-options.ts'

/** An option that has another value than before. */
export interface OptionChange {
  /** `group.name` */
  readonly option: string
  /** As an operator would write it; empty when it is not set. What is secret is masked. */
  readonly from: string
  readonly to: string
  readonly row: OptionRow
}

/** Whether another value of an option can be taken over. */
export type Takes = (row: OptionRow) => boolean

/** What differs, each told once, by the group it takes effect in. APIs that are new or gone have no options that changed. */
export function changesBetween(before: Config, after: Config): OptionChange[] {
  const [old, now] = [indexOf(before), indexOf(after)]
  const keys = [...new Set([...old.keys(), ...now.keys()])]
  return keys.flatMap((key) => {
    const from = find(key, old)
    const to = find(key, now)
    if (from === undefined || to === undefined || isSame(from, to)) return []
    return [{ option: key, from: describeSetting(from).value, to: describeSetting(to).value, row: to.row }]
  })
}

/** `after`, but for what cannot be taken over: that stays as it was. */
export function merge(before: Config, after: Config, takes: Takes): Config {
  const old = indexOf(before)
  const options = after.options.map((setting) => (takes(setting.row) ? setting : (find(keyOf(setting), old) ?? setting)))
  const settings = pick(DEFAULT_OPTIONS, before.settings, after.settings, takes)
  const enabled = settings.enabled_apis === before.settings.enabled_apis ? before.apis : after.apis
  return { ...after, settings, options, apis: enabled.map((api) => mergeApi(api, { before, after, takes })) }
}

function mergeApi({ name }: ApiConfig, { before, after, takes }: { before: Config; after: Config; takes: Takes }): ApiConfig {
  const old = before.apis.find((api) => api.name === name)
  const now = after.apis.find((api) => api.name === name)
  if (old === undefined || now === undefined) return (now ?? old) as ApiConfig
  const ssl = takes(SSL) ? now.ssl : old.ssl
  return { ...pick(API_OPTIONS, old, now, takes), name, ssl, wsgi: pick(WSGI_OPTIONS, old.wsgi, now.wsgi, takes) }
}

const SSL = DEFAULT_OPTIONS.find(({ name }) => name === 'enabled_ssl_apis') as OptionRow

function pick<V extends object>(rows: readonly OptionRow[], before: V, after: V, takes: Takes): V {
  const taken = rows.map((row) => [row.name, (takes(row) ? after : before)[row.name as keyof V]])
  return Object.fromEntries(taken) as V
}

function indexOf({ options }: Config): ReadonlyMap<string, Setting> {
  return new Map(options.map((setting) => [keyOf(setting), setting]))
}

function keyOf({ group, option }: Setting): string {
  return `${group}.${option}`
}

/** An API that does not say otherwise has what `[wsgi]` says. */
function find(key: string, settings: ReadonlyMap<string, Setting>): Setting | undefined {
  return settings.get(key) ?? settings.get(key.replace(/^wsgi:[^.]*\./, 'wsgi.'))
}

function isSame(one: Setting, other: Setting): boolean {
  return JSON.stringify(one.value) === JSON.stringify(other.value)
}
