import { ConfigError } from '../errors.ts'
import { makeWarning, type ConfigWarning } from './config-warning.ts'
import { nearestName } from '../nearest.ts'
import type { DefaultSettings } from './options.ts'
import type { Setting, Settled } from './settings.ts'

/** The APIs to serve, and what is odd about the lists that name them. */
export interface ChosenApis {
  readonly names: readonly string[]
  readonly warnings: readonly ConfigWarning[]
}

/** Those of `enabled_apis`, each once, or those of them that `--api` names. */
export function chooseApis(settings: Settled<DefaultSettings>, only: readonly string[] | undefined): ChosenApis {
  const { enabled_apis: enabled, enabled_ssl_apis: ssl } = settings
  const names = new Set(enabled.value)
  const repeated = [...names].filter((name) => enabled.value.indexOf(name) !== enabled.value.lastIndexOf(name))
  const unused = ssl.value.filter((name) => !names.has(name))
  return {
    names: [...names].filter((name) => only?.includes(name) ?? true),
    warnings: [
      ...repeated.map((name) => warnAbout(enabled, `"${name}" is here more than once`)),
      ...unused.map((name) => warnAbout(ssl, `"${name}" is not in enabled_apis`, nearestName(name, names))),
    ],
  }
}

/** Throws {@link ConfigError} for each name of `--api` that is not enabled. */
export function checkOnly({ enabled_apis: { value: enabled } }: Settled<DefaultSettings>, only: readonly string[] = []): void {
  const expected = enabled.length === 0 ? 'none, as it is empty' : `one of ${[...new Set(enabled)].join(', ')}`
  const [first, ...others] = only
    .filter((name) => !enabled.includes(name))
    .map((value) => ({ file: '--api', message: 'is not in enabled_apis', value, expected, nearest: nearestName(value, enabled) }))
  if (first !== undefined) throw new ConfigError([first, ...others])
}

function warnAbout({ group: section, option, source }: Setting, message: string, nearest?: string): ConfigWarning {
  return makeWarning('warn', source, { section, option, message, nearest })
}
