import { builtins } from './builtins.ts'
import type { CompositionObserver } from './compose/observer.ts'
import type { ApiConfig } from './config/api-config.ts'
import { Loader } from './paste/loader.ts'

/** A loader of the API's paste file. */
export function loaderOf(api: ApiConfig, observer?: CompositionObserver): Loader {
  return openLoader(api.wsgi.api_paste_config, observer)
}

export function openLoader(configPath: string, observer?: CompositionObserver): Loader {
  return new Loader({ configPath, builtins, ...(observer !== undefined && { observer }) })
}
