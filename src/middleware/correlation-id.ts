import { randomUUID } from 'node:crypto'
import type { FilterFactory } from '../app.ts'
import { readOptions } from './converters.ts'

const FIELD = 'x-correlation-id'

/**
 * Gives each request without an `X-Correlation-ID` field a new one, a UUID, for the apps and services behind, as oslo.middleware does. One that
 * the client has sent stays, whoever it is: it says which requests belong together, and proves nothing. The reply does not carry it.
 * Has no options.
 *
 * ```ini
 * [filter:correlation_id]
 * use = egg:millrace#correlation_id
 * ```
 */
export const correlationId: FilterFactory = (_globalConf, localConf) => {
  readOptions(localConf, {})
  return (next) => (request) => {
    if ((request.headers.get(FIELD) ?? '') === '') request.headers.set(FIELD, randomUUID())
    return next(request)
  }
}
