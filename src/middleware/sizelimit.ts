import type { FilterFactory } from '../app.ts'
import { asCount, readOptions } from './converters.ts'

/**
 * Refuses larger bodies with 413: at once when Content-Length says so, else when more is read.
 *
 * - `max_request_body_size`: octets, default 114688, as in oslo.middleware.
 */
export const sizelimit: FilterFactory = (_globalConf, localConf) => {
  const { max_request_body_size: most } = readOptions(localConf, { max_request_body_size: [asCount, 114_688] })
  return (next) => (request) => {
    request.limitBody(most)
    return next(request)
  }
}
