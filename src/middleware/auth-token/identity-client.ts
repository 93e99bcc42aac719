import type { Agent, Dispatcher } from 'undici'
import type { Conf } from '../../app.ts'
import type { Clock } from '../../clock.ts'
import { HttpError } from '../../errors.ts'
import type { AuthTokenOptions } from './auth-token-options.ts'
import { readPem } from '../conf-file.ts'

export interface Question {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly headers: Record<string, string>
  readonly body?: string
}

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
}

type Send = (url: string, options: Omit<Dispatcher.RequestOptions, 'path' | 'origin'> & { dispatcher: Agent }) => Promise<Dispatcher.ResponseData>

/** An answer with a large catalog has a few hundred KiB. */
const LARGEST = 8_388_608
const CONNECTIONS = 32
/** The connection was never there or was lost, so that asking again may help; and asking twice does no harm. */
const LOST = ['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET']

/** Speaks with the identity service. Whatever is wrong with it is an HttpError(503), whose message is for the log. */
export class IdentityClient {
  readonly #url: string
  readonly #send: Send
  readonly #agent: Agent
  readonly #clock: Clock
  readonly #timeout: number
  readonly #retries: number

  private constructor(url: string, undici: { send: Send; agent: Agent }, clock: Clock, limits: { timeout: number; retries: number }) {
    this.#url = url
    this.#send = undici.send
    this.#agent = undici.agent
    this.#clock = clock
    this.#timeout = limits.timeout
    this.#retries = limits.retries
  }

  static async make(options: AuthTokenOptions, globalConf: Conf, clock: Clock): Promise<IdentityClient> {
    const timeout = options.http_connect_timeout * 1000
    const read = (option: 'cafile' | 'certfile' | 'keyfile'): string | undefined => readPem(option, options[option], globalConf)
    const files = { ca: read('cafile'), cert: read('certfile'), key: read('keyfile') }
    const { Agent, request } = await import('undici')
    const agent = new Agent({
      connect: { ...files, timeout, rejectUnauthorized: !options.insecure },
      connections: CONNECTIONS,
      maxResponseSize: LARGEST,
      // One timer of ours bounds all of a question, with what is asked again.
      headersTimeout: 0,
      bodyTimeout: 0,
    })
    const url = (options.auth_url || options.identity_uri).replace(/\/+$/, '').replace(/\/v3$/, '')
    return new IdentityClient(`${url}/v3`, { send: request, agent }, clock, { timeout, retries: options.http_request_max_retries })
  }

  async ask(question: Question): Promise<Answer> {
    const aborter = new AbortController()
    const timer = this.#clock.setTimer(() => aborter.abort(new Error('it took too long')), this.#timeout)
    try {
      return await this.#askAgain(question, aborter.signal, this.#retries)
    } catch (error) {
      throw unavailable(String(error), error)
    } finally {
      timer.cancel()
    }
  }

  async #askAgain(question: Question, signal: AbortSignal, retries: number): Promise<Answer> {
    try {
      const { path, ...options } = question
      const { statusCode, headers, body } = await this.#send(this.#url + path, { ...options, signal, dispatcher: this.#agent })
      return { status: statusCode, headers, text: await body.text() }
    } catch (error) {
      if (retries === 0 || signal.aborted || !LOST.includes(codeOf(error))) throw error
      return await this.#askAgain(question, signal, retries - 1)
    }
  }
}

/** Not for the client: it is not told what is wrong behind this API. */
export function unavailable(reason: string, cause?: unknown): HttpError {
  return new HttpError(503, `The identity service is not available: ${reason}`, { cause })
}

function codeOf(error: unknown): string {
  return String((error as NodeJS.ErrnoException).code)
}
