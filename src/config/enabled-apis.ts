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

/** Those of `enabled_apis`, each once, or those of them that `--api` names. Throws {@link ConfigError} when it names another one. */
export function chooseApis(settings: Settled<DefaultSettings>, only: readonly string[] | undefined): ChosenApis {
  const { enabled_apis: enabled, enabled_ssl_apis: ssl } = settings
  const stray = only?.find((name) => !enabled.value.includes(name))
  if (stray !== undefined) {
    throw new ConfigError({ file: '--api', message: 'is not in enabled_apis', value: stray, nearest: nearestName(stray, enabled.value) })
  }
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

function warnAbout({ group: section, option, source }: Setting, message: string, nearest?: string): ConfigWarning {
  return makeWarning('warn', source, { section, option, message, nearest })
}
