import type { FilterFactory } from '../app.ts'

/**
 * Puts a copy of the configuration into `environ['paste.config']`, for apps that look for it there: PasteDeploy's and Paste's ConfigMiddleware.
 * The settings are the section's own keys, whatever they are, over those of `[DEFAULT]`. It stays there when the app has answered, as a
 * body may still be on its way.
 *
 * ```ini
 * [filter:config]
 * use = egg:PasteDeploy#config
 * region = north
 * ```
 */
export const config: FilterFactory = (globalConf, localConf) => (next) => (request) => {
  request.environ['paste.config'] = { ...globalConf, ...localConf }
  return next(request)
}
