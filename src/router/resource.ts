import type { App } from '../app.ts'

/** Answers the actions of a resource by methods of these names; one that is missing makes no route. */
export interface Controller {
  /** GET of the collection */
  index?: App
  /** POST to the collection */
  create?: App
  /** GET of a member */
  show?: App
  /** PUT and PATCH of a member */
  update?: App
  /** DELETE of a member */
  delete?: App
}

/** The resource a nested one belongs to: its members are found by `:<member>_id`. */
export interface ParentResource {
  member: string
  collection: string
  parent?: ParentResource
}

export interface ResourceOptions {
  /** More actions of the collection, by the controller's method that answers: `{ detail: 'GET' }` is `GET /servers/detail`. */
  collection?: Readonly<Record<string, string>>
  /** More actions of a member: `{ action: 'POST' }` is `POST /servers/:id/action`. */
  member?: Readonly<Record<string, string>>
  /** `{ member: 'server', collection: 'servers' }` puts it below `/servers/:server_id`. */
  parent?: ParentResource
}

export interface ResourceRoute {
  readonly method: string
  readonly path: string
  readonly handler: App
  readonly name: string
}

type Action = readonly [name: string, method: string, path: string]

const MEMBER = '/:id'
const REST_ACTIONS: readonly Action[] = [
  ['index', 'GET', ''],
  ['create', 'POST', ''],
  ['show', 'GET', MEMBER],
  ['update', 'PUT', MEMBER],
  ['update', 'PATCH', MEMBER],
  ['delete', 'DELETE', MEMBER],
]

/** The routes of a REST resource, named `<collection>.<action>`, as `mapper.resource` of Python's Routes makes them. */
export function resourceRoutes(collection: string, controller: Controller, options: ResourceOptions = {}): ResourceRoute[] {
  const more = [...moreActions(options.collection, ''), ...moreActions(options.member, MEMBER)]
  const missing = more.find(([name]) => methodOf(controller, name) === undefined)
  if (missing !== undefined) throw new Error(`The controller of ${collection} has no method ${missing[0]}, which its options name.`)
  const base = `${parentPath(options.parent)}/${collection}`
  const routes = [...REST_ACTIONS, ...more].flatMap(([name, method, path]) => {
    const handler = methodOf(controller, name)
    return handler === undefined ? [] : [{ method, path: base + path, handler, name: `${collection}.${name}` }]
  })
  if (routes.length === 0) throw new Error(`The controller of ${collection} has none of the methods index, create, show, update, delete.`)
  return routes
}

function moreActions(methods: Readonly<Record<string, string>> = {}, path: string): Action[] {
  return Object.entries(methods).map(([name, method]) => [name, method, `${path}/${name}`])
}

function methodOf(controller: Controller, name: string): App | undefined {
  const method = (controller as Record<string, unknown>)[name]
  return typeof method === 'function' ? (method as App).bind(controller) : undefined
}

function parentPath(parent: ParentResource | undefined): string {
  return parent === undefined ? '' : `${parentPath(parent.parent)}/${parent.collection}/:${parent.member}_id`
}
