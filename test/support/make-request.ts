import type { HttpRequest } from '../../src/app.ts'
import { HttpError } from '../../src/errors.ts'

type Overrides = Partial<Omit<HttpRequest, 'headers'>> & { headers?: Record<string, string> }

/** A request for tests of apps and filters: `GET /` from 192.0.2.7 unless told otherwise. `body` is what `text()` and the like read. */
export function makeRequest({ headers = {}, ...overrides }: Overrides & { content?: string } = {}): HttpRequest {
  const path = overrides.rawPathInfo ?? '/'
  const content = overrides.content ?? ''
  const request: HttpRequest = {
    method: 'GET',
    url: `http://api.example${path}`,
    headers: new Headers(headers),
    body: null,
    bodyUsed: false,
    signal: new AbortController().signal,
    text: () => Promise.resolve(content),
    json: () => Promise.resolve(JSON.parse(content)),
    arrayBuffer: () => new Response(content).arrayBuffer(),
    bytes: () => Promise.resolve(new TextEncoder().encode(content)),
    formData: () => new Response(content).formData(),
    limitBody(octets) {
      if (Number(headers['content-length']) > octets) throw new HttpError(413, 'the body is too large')
    },
    target: path,
    httpVersion: '1.1',
    get scriptName() {
      return decodeURIComponent(this.rawScriptName)
    },
    set scriptName(value) {
      this.rawScriptName = encodeURI(value)
    },
    get pathInfo() {
      return decodeURIComponent(this.rawPathInfo)
    },
    set pathInfo(value) {
      this.rawPathInfo = encodeURI(value)
    },
    rawScriptName: '',
    rawPathInfo: path,
    queryString: '',
    params: {},
    scheme: 'http',
    host: 'api.example',
    client: { address: '192.0.2.7', port: 40000 },
    server: { name: 'compute', address: '192.0.2.1', port: 8774, stopping: false, trusts: () => false },
    tls: null,
    environ: {},
    id: 'req-11111111-2222-4333-8444-555555555555',
  }
  // Not a spread of `request`: that would turn its accessors into values.
  return Object.assign(request, overrides)
}
