/** A request's head, parsed. Fields nobody asks for stay in `text` as they came; a HeaderMap reads them from there. */
export class RequestHead {
  readonly type = 'head'
  readonly method: string
  /** As on the wire. */
  readonly target: string
  /** HTTP/1.x: 0 to 9. What is above 1 is treated as 1 (RFC 9110 §2.5). */
  readonly minor: number
  /** Latin1; the field lines stand between `fieldsStart` and `fieldsEnd`. */
  text = ''
  fieldsStart = 0
  fieldsEnd = 0
  /** The path as on the wire, without query; of the absolute-form too. */
  path: string
  /** Without the `?`. */
  query = ''
  /** The Host field, or the target's authority, which overrides it (RFC 9112 §3.2.2). */
  host = ''
  /** -1 when there is no Content-Length. */
  contentLength = -1
  chunked = false
  /** The connection may serve another request after this one (RFC 9112 §9.3). */
  persistent: boolean
  /** The client waits for 100 (Continue) before it sends the body (RFC 9110 §10.1.1). */
  expectsContinue = false

  constructor(method: string, target: string, minor: number) {
    this.method = method
    this.target = target
    this.minor = minor
    this.path = target
    this.persistent = minor > 0
  }

  get hasBody(): boolean {
    return this.chunked || this.contentLength > 0
  }
}
