import type { ApiConfig } from '../config/api-config.ts'
import { makeWarning, type ConfigWarning } from '../config/config-warning.ts'
import type { Config } from '../config/load.ts'
import { ConfigError, type ConfigProblem } from '../errors.ts'
import { PasteAppNotFound } from '../paste/loader.ts'
import type { Problems } from '../problems.ts'
import { loaderOf } from '../loaders.ts'

/** An API's own warning. */
interface ApiWarning extends ConfigWarning {
  readonly api: string
}

export interface ServableApis {
  readonly apis: readonly ApiConfig[]
  /** About each name that no section has. */
  readonly absent: readonly ApiWarning[]
  /** About the sections. */
  readonly warnings: readonly ApiWarning[]
}

/** nova's words for enabled_apis without any API that could be served. */
export const NO_APIS = 'No APIs were started. Check the enabled_apis config option.'

/**
 * The APIs that have a section in their paste file, and what is odd about the files' sections. nova's one exception to "no half-configured
 * server": a name in enabled_apis that has no section is a warning. A paste file that cannot be read is a problem. Imports no module.
 */
export function findServable(config: Config, problems: Problems): ServableApis {
  const found = config.apis.flatMap((api) => problems.try(() => findOne(api, config)) ?? [])
  return {
    apis: found.flatMap(({ apis }) => apis),
    absent: found.flatMap(({ absent }) => absent),
    warnings: distinct(found.flatMap(({ warnings }) => warnings)),
  }
}

/** Each once: two APIs may share a section. */
function distinct(warnings: readonly ApiWarning[]): ApiWarning[] {
  const same = (one: ApiWarning, other: ApiWarning): boolean => one.file === other.file && one.line === other.line && one.message === other.message
  return warnings.filter((warning, index) => warnings.findIndex((other) => same(warning, other)) === index)
}

/** Throws {@link ConfigError} when the paste file cannot be read. */
function findOne(api: ApiConfig, config: Config): ServableApis {
  const loader = loaderOf(api)
  const present = loader.hasApp(api.name)
  const problem = describe(() => loader.describeApp(api.name))
  const warnings = loader.warnings.map((warning) => ({ ...warning, api: api.name }))
  return present ? { apis: [api], absent: [], warnings } : { apis: [], absent: [warnAbsent(api, config, problem)], warnings }
}

/** The process that loads the app tells what is wrong with it; here it is asked for the advice on a name that is not there. */
function describe(work: () => unknown): ConfigProblem | undefined {
  try {
    work()
  } catch (error) {
    if (error instanceof PasteAppNotFound) return error.problem
    if (!(error instanceof ConfigError)) throw error
  }
  return undefined
}

function warnAbsent({ name, wsgi }: ApiConfig, config: Config, { nearest, expected }: Partial<ConfigProblem> = {}): ApiWarning {
  const message = `Could not load paste app '${name}' from ${wsgi.api_paste_config}. \`\`enabled_apis\`\` includes bad values. Fix to remove this warning.`
  return { ...makeWarning('warn', config.sourceOf('DEFAULT', 'enabled_apis'), { message, nearest, expected }), api: name }
}
