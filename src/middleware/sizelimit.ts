import type { FilterFactory } from '../app.ts'
import { asCount, readOptions } from './converters.ts'

/**
 * Refuses larger bodies with 413: at once when Content-Length says so, else when more is read, by whichever reader.
 *
 * - `max_request_body_size`: octets, default 114688, as in `[oslo_middleware]`.
 *
 * ```ini
 * [filter:sizelimit]
 * use = egg:millrace#sizelimit
 * max_request_body_size = 1048576
 * ```
 */
export const sizelimit: FilterFactory = (_globalConf, localConf) => {
  const { max_request_body_size: most } = readOptions(localConf, { max_request_body_size: [asCount, 114_688] })
  return (next) => (request) => {
    request.limitBody(most)
    return next(request)
  }
}
