import type { HttpRequest, Peer, RequestHeaders, ServerInfo, TlsInfo } from '../app.ts'
import { HttpError } from '../errors.ts'
import { HeaderMap } from './header-map.ts'
import { decodePath, encodePath, normalizePath } from './path.ts'
import type { RequestBody } from './request-body.ts'
import type { RequestHead } from './request-head.ts'
import { newRequestId } from './request-id.ts'

/** What all requests of one connection have in common. */
export interface RequestOrigin {
  readonly scheme: string
  readonly client: Peer
  readonly server: ServerInfo
  readonly tls: TlsInfo | null
}

const NO_PARAMS: Readonly<Record<string, string>> = Object.freeze({})

/** The request an app sees. Only what is asked for is made. */
export class Request implements HttpRequest {
  readonly method: string
  readonly target: string
  readonly queryString: string
  rawScriptName = ''
  rawPathInfo: string
  params: Readonly<Record<string, string>> = NO_PARAMS
  scheme: string
  host: string
  client: Peer
  readonly server: ServerInfo
  readonly tls: TlsInfo | null
  readonly #head: RequestHead
  readonly #body: RequestBody | null
  #headers: HeaderMap | null = null
  #environ: Record<string, unknown> | null = null
  #id = ''
  #aborter: AbortController | null = null
  #aborted: Error | null = null

  constructor(head: RequestHead, origin: RequestOrigin, body: RequestBody | null) {
    this.method = head.method
    this.target = head.target
    this.queryString = head.query
    this.rawPathInfo = head.path.includes('%') ? normalizePath(head.path) : head.path
    this.scheme = origin.scheme
    this.host = head.host
    this.client = origin.client
    this.server = origin.server
    this.tls = origin.tls
    this.#head = head
    this.#body = body
  }

  get httpVersion(): string {
    return this.#head.minor === 0 ? '1.0' : '1.1'
  }

  get url(): string {
    const host = this.host === '' ? authorityOf(this.server) : this.host
    const { path, query } = this.#head
    return `${this.scheme}://${host}${path === '*' ? '/' : path}${query === '' ? '' : `?${query}`}`
  }

  get headers(): RequestHeaders {
    return (this.#headers ??= new HeaderMap(this.#head))
  }

  get scriptName(): string {
    return decodePath(this.rawScriptName)
  }

  set scriptName(path: string) {
    this.rawScriptName = encodePath(path)
  }

  get pathInfo(): string {
    return decodePath(this.rawPathInfo)
  }

  set pathInfo(path: string) {
    this.rawPathInfo = encodePath(path)
  }

  get environ(): Record<string, unknown> {
    return (this.#environ ??= {})
  }

  get id(): string {
    if (this.#id === '') this.#id = newRequestId()
    return this.#id
  }

  set id(id: string) {
    this.#id = id
  }

  get signal(): AbortSignal {
    this.#aborter ??= new AbortController()
    if (this.#aborted !== null) this.#aborter.abort(this.#aborted)
    return this.#aborter.signal
  }

  /** For the server: the answer is of no use any more. */
  abort(reason: Error): void {
    this.#aborted ??= reason
    this.#aborter?.abort(reason)
  }

  get body(): ReadableStream<Uint8Array> | null {
    return this.#body === null ? null : this.#body.stream()
  }

  get bodyUsed(): boolean {
    return this.#body !== null && this.#body.used
  }

  limitBody(bytes: number): void {
    this.#body?.limit(bytes)
  }

  async bytes(): Promise<Uint8Array> {
    return this.#body === null ? new Uint8Array() : await this.#body.whole()
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    return new Uint8Array(await this.bytes()).buffer
  }

  async text(): Promise<string> {
    if (this.#body === null) return ''
    const text = (await this.#body.whole()).toString('utf8')
    return text.startsWith('\ufeff') ? text.slice(1) : text
  }

  async json(): Promise<unknown> {
    const text = await this.text()
    try {
      return JSON.parse(text)
    } catch (error) {
      throw new HttpError(400, 'the body is not valid JSON', { cause: error })
    }
  }

  async formData(): Promise<FormData> {
    const type = this.headers.get('content-type')
    const response = new Response(await this.arrayBuffer(), type === null ? {} : { headers: { 'content-type': type } })
    try {
      return await response.formData()
    } catch (error) {
      throw new HttpError(400, 'the body is not valid form data', { cause: error })
    }
  }
}

/** What a client that sent no Host has connected to; a unix socket has no name in a URL. */
function authorityOf({ address, port }: ServerInfo): string {
  if (port === 0) return 'localhost'
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
}
