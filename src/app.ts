/**
 * The contract between the server, the filters and the apps.
 *
 * An app is a function from a request to a reply. A filter is a function from an app to an app. Factories make them once,
 * when the server starts, from the two dictionaries PasteDeploy gives them: the file's defaults and the section's own keys.
 */

/** Answers one request. What it throws is answered as an error: an {@link HttpError} with its status, anything else with 500. */
export type App = (request: HttpRequest) => HttpReply | Promise<HttpReply>

/** Wraps an app. Called once, when the pipeline is composed. */
export type Filter = (next: App) => App

/** `paste.app_factory` */
export type AppFactory = (globalConf: Conf, localConf: Conf) => App | Promise<App>

/** `paste.filter_factory` */
export type FilterFactory = (globalConf: Conf, localConf: Conf) => Filter | Promise<Filter>

/** `paste.filter_app_factory` */
export type FilterAppFactory = (next: App, globalConf: Conf, localConf: Conf) => App | Promise<App>

/** `paste.composite_factory` */
export type CompositeFactory = (loader: CompositeLoader, globalConf: Conf, localConf: Conf) => App | Promise<App>

/** `paste.server_factory` */
export type ServerFactory = (globalConf: Conf, localConf: Conf) => Serve | Promise<Serve>

/** `paste.server_runner` */
export type ServerRunner = (app: App, globalConf: Conf, localConf: Conf) => RunningServer | Promise<RunningServer>

/** Starts to serve an app. */
export type Serve = (app: App) => RunningServer | Promise<RunningServer>

/** A server that takes requests. */
export interface RunningServer {
  /** Where it listens, with the port it got. */
  readonly address: Peer
  /** Resolves when what it had begun is answered and nothing is open any more. */
  close(): Promise<void>
}

/** What a section of the INI file says. Values are strings, as they stand in the file after interpolation. */
export type Conf = Readonly<Record<string, string>>

/** Resolves names in the file that held the composite's `use`; builds a new object each time. */
export interface CompositeLoader {
  getApp(nameOrUri: string, globalConf?: Conf): Promise<App>
  getFilter(nameOrUri: string, globalConf?: Conf): Promise<Filter>
  getServer(nameOrUri: string, globalConf?: Conf): Promise<Serve>
  /**
   * Imports what `module:export` names, as seen from the file that says it: a function is bound to what holds it, anything else comes as it is.
   * Throws ConfigError when there is no such module or export.
   */
  getExport(target: string): Promise<unknown>
}

/** One end of a connection. A unix socket has its path as `address`, `unix` for the client's end, and port 0. */
export interface Peer {
  readonly address: string
  readonly port: number
}

/** The server a request came in by. */
export interface ServerInfo extends Peer {
  /** The API's name in `enabled_apis`. */
  readonly name: string
  /** True from the moment a stop was asked for: health checks answer 503 and every answer closes its connection. */
  readonly stopping: boolean
  /** True for a peer of `trusted_proxies`: what it says of the client, and of the request's id, may be believed. */
  trusts(address: string): boolean
}

/** What TLS told of the client. */
export interface TlsInfo {
  /** For instance `TLSv1.3`. */
  readonly protocol: string | null
  readonly cipher: string
  /** True when the client sent a certificate that the configured CA signed. */
  readonly authorized: boolean
  /** The subject's fields of that certificate; null without one. */
  readonly clientSubject: Readonly<Record<string, string | string[]>> | null
}

/** The fields of a request: reads like WHATWG `Headers`. Names match in any case; repeated fields are joined with `, `. */
export interface RequestHeaders extends Iterable<[string, string]> {
  get(name: string): string | null
  has(name: string): boolean
  set(name: string, value: string): void
  append(name: string, value: string): void
  delete(name: string): void
  forEach(each: (value: string, name: string) => void): void
  entries(): IterableIterator<[string, string]>
  keys(): IterableIterator<string>
  values(): IterableIterator<string>
}

/**
 * One request. Reads like the WHATWG `Request`, and adds what WSGI's environ has. Whatever costs something (`url`, `headers`, `body`,
 * `signal`, `id`) is made when it is first asked for.
 */
export interface HttpRequest {
  readonly method: string
  /** The absolute URL, with the scheme and the Host the client used. */
  readonly url: string
  readonly headers: RequestHeaders
  /** The body as a stream; null when the request has none (RFC 9112 §6.3). */
  readonly body: ReadableStream<Uint8Array> | null
  readonly bodyUsed: boolean
  /** Aborts when the client has gone, a deadline passed, or the process must stop now. A client that closed its half may still wait. */
  readonly signal: AbortSignal
  /** These five read the body whole; more than `max_buffered_body` bytes is an `HttpError(413)`. */
  text(): Promise<string>
  json(): Promise<unknown>
  arrayBuffer(): Promise<ArrayBuffer>
  bytes(): Promise<Uint8Array>
  formData(): Promise<FormData>
  /**
   * Lowers this request's body limit to `bytes`; it never raises it. Throws `HttpError(413)` at once when Content-Length says more,
   * else reading past it rejects with that.
   */
  limitBody(bytes: number): void

  /** The request-target as it stood on the wire (RFC 9112 §3.2). */
  readonly target: string
  /** `1.0` or `1.1`. */
  readonly httpVersion: string
  /** The mount points already passed, percent-decoded; `` at the root. Setting it sets {@link rawScriptName}. */
  scriptName: string
  /** What is left of the path, percent-decoded as UTF-8. Setting it sets {@link rawPathInfo}. */
  pathInfo: string
  /** As `scriptName`, still percent-encoded. */
  rawScriptName: string
  /** As `pathInfo`, still percent-encoded, but for unreserved characters (RFC 3986 §6.2.2.2): `%2F` stays, `%41` is `A`. */
  rawPathInfo: string
  /** Without the `?`. */
  readonly queryString: string
  /** The route's parameters, percent-decoded. The router sets them. */
  params: Readonly<Record<string, string>>
  /** `http` or `https`; a filter that trusts its proxy may set it. */
  scheme: string
  /** The Host the request is for, with its port if it had one. */
  host: string
  client: Peer
  readonly server: ServerInfo
  readonly tls: TlsInfo | null
  /** A bag for filters and apps; theirs to fill. */
  readonly environ: Record<string, unknown>
  /** `req-<uuid>`; a filter that trusts its peer may set it. */
  id: string
}

/** A header's value. A list becomes one field line each; an empty one none, so that `'content-type': []` keeps the body's kind from deciding. */
export type HeaderValue = string | number | readonly string[]

/** What a reply's body may be. An object that is none of the others is sent as JSON. */
export type ReplyBody = string | Uint8Array | ReadableStream<Uint8Array> | AsyncIterable<Uint8Array | string> | object | null

/**
 * One reply. A plain object that belongs to whoever receives it: a filter may change it in place.
 * `headers` has lower-case names. Without a content-type the body's kind decides: text, octets or JSON.
 */
export interface HttpReply {
  /** 200 when absent. */
  status?: number
  /** The status code's own phrase when absent. */
  statusText?: string
  headers?: Record<string, HeaderValue>
  body?: ReplyBody
}
