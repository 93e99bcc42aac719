import type { Conf, Filter, FilterFactory, HttpReply, HttpRequest } from '../app.ts'
import { systemClock, type Clock, type Timer } from '../clock.ts'
import { HttpError } from '../errors.ts'
import { isPromise } from '../is-promise.ts'
import { letGo } from '../let-go.ts'
import { asOneOf, asSeconds, asText, readOptions, type OptionTable } from './converters.ts'
import { reportFailure } from './rescue.ts'

interface Options {
  seconds: number
  status: '503' | '504'
  signal: string
}

const OPTIONS: OptionTable<Options> = {
  seconds: [asSeconds, 60],
  status: [asOneOf(['503', '504']), '503'],
  signal: [asText, ''],
}

/**
 * Bounds the time that what it wraps may take to answer; a reply that comes later is dropped. Where `[wsgi] handler_timeout` bounds a whole
 * API, this bounds one pipeline or one mount of it. The time of a streamed body is not counted: it starts when the answer is there.
 *
 * - `seconds`: default 60; also `250ms`, `5m`.
 * - `status`: what the client gets then, `503` (the default) or `504`, for an app that is itself a gateway.
 * - `signal`: a key of `request.environ`, under which the app then finds an AbortSignal of its own: it aborts when the time is up, and when
 *   `request.signal` does. Default none.
 *
 * ```ini
 * [filter:timeout]
 * use = egg:millrace#timeout
 * seconds = 5
 * signal = api.signal
 * ```
 *
 * Work that nobody stops goes on, and no other request can be answered while an app computes without a pause: nothing in the process can
 * interrupt it. `request.signal` is the server's, and does not abort here.
 */
export const timeout: FilterFactory = (_globalConf, localConf) => makeTimeout(localConf, systemClock)

/** {@link timeout} by another clock. */
export function makeTimeout(localConf: Conf, clock: Clock): Filter {
  const { seconds, status, signal } = readOptions(localConf, OPTIONS)
  return (next) => (request) => {
    const aborter = signal === '' ? null : giveSignal(request, signal)
    const answer = next(request)
    if (!isPromise(answer)) return answer
    return race(answer, (fail) => clock.setTimer(() => fail(tooLong(Number(status), request, aborter)), seconds * 1000))
  }
}

function giveSignal(request: HttpRequest, key: string): AbortController {
  const aborter = new AbortController()
  request.environ[key] = AbortSignal.any([request.signal, aborter.signal])
  return aborter
}

/** Whoever runs the server is told as well, as of the server's own deadline. */
function tooLong(status: number, request: HttpRequest, aborter: AbortController | null): HttpError {
  const error = new HttpError(status, 'The request took too long.', { expose: true })
  reportFailure(error, status, request)
  aborter?.abort(error)
  return error
}

/** The answer, unless `setTimer`'s timer fails it first. */
function race(answer: Promise<HttpReply>, setTimer: (fail: (error: HttpError) => void) => Timer): Promise<HttpReply> {
  return new Promise((resolve, reject) => {
    let late = false
    const timer = setTimer((error) => {
      late = true
      reject(error)
    })
    answer.then(
      (reply) => {
        timer.cancel()
        if (late) letGo(reply?.body)
        else resolve(reply)
      },
      (error: unknown) => {
        timer.cancel()
        reject(error)
      },
    )
  })
}
