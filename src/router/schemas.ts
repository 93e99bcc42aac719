import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { App, HttpReply, HttpRequest } from '../app.ts'
import { HttpError } from '../errors.ts'
import { isPromise } from '../is-promise.ts'
import type { AnyHandler, RouteSchemas } from './route.ts'

/** A fault in a request, for the client: `{ "in": "body", "pointer": "#/server/name", "detail": "…" }` (RFC 9457 §3, RFC 6901 §6). */
export interface RequestFault {
  readonly in: Part
  readonly pointer: string
  readonly detail: string
}

type Part = 'params' | 'query' | 'body'
type Issue = StandardSchemaV1.Issue
type Result = StandardSchemaV1.Result<unknown>
type Later<T> = T | Promise<T>

const READERS: { readonly [P in Part]: (request: HttpRequest) => unknown } = {
  params: ({ params }) => ({ ...params }),
  query: readQuery,
  body: readBody,
}
const PARTS: readonly Part[] = ['params', 'query', 'body']
/** So many faults are told: a body of a megabyte can have half a million. */
const MOST_FAULTS = 100

/**
 * Gives `handler` what the schemas make of the request, and checks its replies. Without schemas it is the handler itself. A request with
 * faults is HttpError 400 that lists them, the first hundred; a body that is not JSON 415; a reply that does not match is an Error for the log.
 */
export function withSchemas(route: string, schemas: RouteSchemas, handler: AnyHandler): App {
  const parts = PARTS.flatMap((part) => (schemas[part] === undefined ? [] : [[part, schemas[part]] as const]))
  const app = parts.length === 0 ? (handler as App) : checkRequests(parts, handler)
  return schemas.reply === undefined ? app : checkReplies(route, schemas.reply, app)
}

function checkRequests(parts: readonly (readonly [Part, StandardSchemaV1])[], handler: AnyHandler): App {
  return (request) => {
    const results = parts.map(([part, schema]) => chain(READERS[part](request), (value) => schema['~standard'].validate(value)))
    const all = results.some(isPromise) ? Promise.all(results.map((result) => Promise.resolve(result))) : (results as Result[])
    return chain(all, (results) => handler(request, inputOf(parts.map(([part]) => part), results) as never))
  }
}

/** `next` at once when the value is here, so that no promise is made for it. */
function chain<T, U>(value: Later<T>, next: (value: T) => Later<U>): Later<U> {
  return isPromise(value) ? value.then(next) : next(value)
}

function inputOf(parts: readonly Part[], results: readonly Result[]): object {
  const found = results.flatMap(({ issues = [] }, index) => issues.map((issue) => [parts[index] as Part, issue] as const))
  if (found.length > 0) {
    const faults = found.slice(0, MOST_FAULTS).map(([part, issue]) => faultOf(part, issue))
    throw new HttpError(400, describeFaults(faults, found.length - faults.length), { problem: { errors: faults } })
  }
  return Object.fromEntries(results.map((result, index) => [parts[index], (result as StandardSchemaV1.SuccessResult<unknown>).value]))
}

function faultOf(part: Part, issue: Issue): RequestFault {
  return { in: part, pointer: `#${pointerOf(issue)}`, detail: issue.message }
}

/** The message has them as well, for who reads no JSON. */
function describeFaults(faults: readonly RequestFault[], more: number): string {
  const listed = faults.map(describeFault)
  return `The request is not valid: ${[...listed, ...(more > 0 ? [`and ${more} more`] : [])].join('; ')}`
}

function describeFault({ in: part, pointer, detail }: RequestFault): string {
  return `${pointer === '#' ? part : `${part} ${pointer.slice(1)}`}: ${detail}`
}

/** A JSON pointer, percent-encoded as it stands in a URL's fragment (RFC 6901 §6). */
function pointerOf({ path = [] }: Issue): string {
  // A copy, as arktype's paths are lists of a class of its own, whose `map` of none has one.
  const keys = Array.from(path, (segment) => String(typeof segment === 'object' ? segment.key : segment))
  return keys.map((key) => `/${encodeURIComponent(key.replaceAll('~', '~0').replaceAll('/', '~1'))}`).join('')
}

/** A name that comes several times is a list. */
function readQuery({ queryString }: HttpRequest): unknown {
  const query = new Map<string, string | string[]>()
  for (const [name, value] of new URLSearchParams(queryString)) {
    const before = query.get(name)
    if (Array.isArray(before)) before.push(value)
    else query.set(name, before === undefined ? value : [before, value])
  }
  return Object.fromEntries(query)
}

/** `application/json`, and what is built on it (RFC 6839 §3.1). No body at all is undefined, whatever its type. */
async function readBody(request: HttpRequest): Promise<unknown> {
  const type = request.headers.get('content-type')
  if (type !== null && !isJson(type)) throw unsupported(type)
  const text = await request.text()
  if (text === '') return undefined
  if (type === null) throw unsupported('none')
  try {
    return JSON.parse(text) as unknown
  } catch (cause) {
    throw new HttpError(400, 'the body is not valid JSON', { cause })
  }
}

function isJson(type: string): boolean {
  return /^application\/(?:[^\s;]+\+)?json\s*(?:;|$)/i.test(type)
}

function unsupported(type: string): HttpError {
  return new HttpError(415, `The body has to be JSON; its content type is ${type}.`, { headers: { accept: 'application/json' } })
}

function checkReplies(route: string, schema: StandardSchemaV1, app: App): App {
  const check = (reply: HttpReply): Later<HttpReply> => {
    if (!hasContent(reply)) return reply
    return chain(schema['~standard'].validate(reply.body), (result) => {
      if (result.issues === undefined) return Object.assign(reply, { body: result.value })
      throw new Error(`The reply of ${route} does not match its schema: ${result.issues.slice(0, MOST_FAULTS).map(describeIssue).join('; ')}`)
    })
  }
  return (request) => chain(app(request), check)
}

/** What is no reply at all is the server's to complain of. */
function hasContent(reply: HttpReply | null | undefined): boolean {
  const status = reply?.status ?? 200
  return typeof reply === 'object' && reply !== null && status >= 200 && status <= 299 && status !== 204 && status !== 205
}

function describeIssue(issue: Issue): string {
  return `${pointerOf(issue) || '/'}: ${issue.message}`
}
