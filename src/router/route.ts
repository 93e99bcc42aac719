import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { HttpReply, HttpRequest } from '../app.ts'
import type { Requirements } from './path-pattern.ts'

/** A line of the route table. */
export interface Route {
  /** `*` for all of them: a redirect, or a mounted app whose own routes are not known. */
  readonly method: string
  readonly path: string
  readonly name: string
  /** What parameters must match, as given beside the path; regular expressions. */
  readonly requirements?: Readonly<Record<string, string>>
  /** Requests for other hosts do not see the route. */
  readonly host?: string
  /** The first and the last API version that has the route. */
  readonly versions?: readonly [first: string, last: string]
}

/** The schemas of a route: zod's, valibot's, arktype's, any that has the Standard Schema interface. They may be asynchronous. */
export interface RouteSchemas {
  /** Of the JSON body; `undefined` is given to it when there is none. */
  readonly body?: StandardSchemaV1
  /** Of the query's parameters: a string each, a list of strings for one that is repeated. */
  readonly query?: StandardSchemaV1
  /** Of the path's parameters, a string each. */
  readonly params?: StandardSchemaV1
  /** Of a reply's body, for the statuses 200 to 299 but 204 and 205. What it makes of the body is sent. */
  readonly reply?: StandardSchemaV1
}

export interface RouteOptions extends RouteSchemas {
  /** For `url()` and the route table. Routes of one path may share it. Without one the table shows the handler's own. */
  readonly name?: string
  /** What parameters must match, whole: `{ id: /\d+/ }`. Else the route is not found. */
  readonly requirements?: Requirements
  /** The route is for this host only, or for those that match: names without port, in lower case. Such routes come before the others. */
  readonly host?: string | RegExp
  /** The first API version that has the route, and the last; without one it is the router's last. */
  readonly versions?: readonly [first: string, last?: string]
}

/** What a route's schemas made of the request: of each that is given, its output. */
export type RouteInput<Schemas extends RouteSchemas> = {
  readonly [Part in 'body' | 'query' | 'params' as Schemas[Part] extends StandardSchemaV1 ? Part : never]: Schemas[Part] extends StandardSchemaV1
    ? StandardSchemaV1.InferOutput<Schemas[Part]>
    : never
}

/** A handler of whatever schemas. */
export type AnyHandler = (request: HttpRequest, input: never) => HttpReply | Promise<HttpReply>

/** An app that also gets what the route's schemas made of the request. */
export type RouteHandler<Schemas extends RouteSchemas> = (
  request: HttpRequest,
  input: RouteInput<Schemas>,
) => HttpReply | Promise<HttpReply>
