import type { App, HttpRequest } from '../app.ts'
import type { NewRoute } from './definition.ts'
import { readPaths, type Requirements } from './path-pattern.ts'
import type { AnyHandler, RouteOptions } from './route.ts'

/** What a method of a controller gets besides the request: what the schemas of its action made of it. */
export interface ActionInput {
  readonly body?: unknown
  readonly query?: unknown
  readonly params?: unknown
}

/** Answers the actions of a resource by methods of these names; one that is missing makes no route. */
export interface Controller {
  /** GET of the collection */
  index?(request: HttpRequest, input: ActionInput): ReturnType<App>
  /** POST to the collection */
  create?(request: HttpRequest, input: ActionInput): ReturnType<App>
  /** GET of `new` below the collection */
  new?(request: HttpRequest, input: ActionInput): ReturnType<App>
  /** GET of a member */
  show?(request: HttpRequest, input: ActionInput): ReturnType<App>
  /** GET of `edit` below a member */
  edit?(request: HttpRequest, input: ActionInput): ReturnType<App>
  /** PUT and PATCH of a member */
  update?(request: HttpRequest, input: ActionInput): ReturnType<App>
  /** DELETE of a member */
  delete?(request: HttpRequest, input: ActionInput): ReturnType<App>
}

/** The resource a nested one belongs to: its members are found by `:<member>_id`. */
export interface ParentResource {
  member: string
  collection: string
  parent?: ParentResource
}

/** Methods by the names of actions. */
type Actions = Readonly<Record<string, string | readonly string[]>>

/** `requirements`, `host` and `versions` are of each of the routes; `name` is what their names begin with, the collection when absent. */
export interface ResourceOptions extends Pick<RouteOptions, 'name' | 'requirements' | 'host' | 'versions'> {
  /** More actions of the collection, by the controller's method that answers: `{ detail: 'GET' }` is `GET /servers/detail`. */
  collection?: Actions
  /** More actions of a member: `{ action: 'POST' }` is `POST /servers/:id/action`. */
  member?: Actions
  /** More actions of a member to be: `{ preview: 'POST' }` is `POST /servers/new/preview`. */
  new?: Actions
  /** `{ member: 'server', collection: 'servers' }` puts it below `/servers/:server_id`. */
  parent?: ParentResource
  /** In front of the path: `/v2/:project_id`. */
  pathPrefix?: string
  /** Each path may end in `.<format>`, as in Routes; the parameter `format` has it. An id then has no dot. Default false. */
  format?: boolean
  /** What the routes of single actions have besides: `{ create: { body: schema } }`. */
  actions?: Readonly<Record<string, RouteOptions>>
}

interface Action {
  readonly name: string
  readonly method: string | readonly string[]
  readonly path: string
}

const MEMBER = '/:id'
const NEW = '/new'
const REST_ACTIONS: readonly Action[] = [
  { name: 'index', method: 'GET', path: '' },
  { name: 'create', method: 'POST', path: '' },
  { name: 'new', method: 'GET', path: NEW },
  { name: 'show', method: 'GET', path: MEMBER },
  { name: 'edit', method: 'GET', path: `${MEMBER}/edit` },
  { name: 'update', method: ['PUT', 'PATCH'], path: MEMBER },
  { name: 'delete', method: 'DELETE', path: MEMBER },
]

/** The routes of a REST resource, named `<collection>.<action>`, as `mapper.resource` of Python's Routes makes them. */
export function resourceRoutes(collection: string, controller: Controller, options: ResourceOptions = {}): NewRoute[] {
  const more = [...moreActions(options.collection, ''), ...moreActions(options.member, MEMBER), ...moreActions(options.new, NEW)]
  checkActions(collection, controller, { more, given: Object.keys(options.actions ?? {}) })
  const base = `${options.pathPrefix ?? ''}${parentPath(options.parent)}/${collection}`
  const ending = options.format === true ? '{.format}' : ''
  const { requirements = {} } = options
  checkRequirements(collection, requirements, parametersOf(`${base}${MEMBER}${ending}`))
  return [...REST_ACTIONS, ...more].flatMap(({ name, method, path }) => {
    const handler = methodOf(controller, name)
    if (handler === undefined) return []
    const full = base + path + ending
    const own = { name: `${options.name ?? collection}.${name}`, requirements: pick(requirements, parametersOf(full)) }
    return [method].flat().map((method) => ({ method, path: full, handler, options: optionsOf(own, options, options.actions?.[name]) }))
  })
}

function parametersOf(path: string): readonly string[] {
  return readPaths([path])[0].names
}

function checkRequirements(collection: string, requirements: Requirements, parameters: readonly string[]): void {
  const unknown = Object.keys(requirements).find((name) => !parameters.includes(name))
  if (unknown !== undefined) throw new Error(`The requirements of ${collection} name ${unknown}, which is no parameter of its paths.`)
}

/** Not every route of a resource has each parameter. */
function pick(requirements: Requirements, parameters: readonly string[]): Requirements {
  return Object.fromEntries(Object.entries(requirements).filter(([name]) => parameters.includes(name)))
}

function moreActions(methods: Actions = {}, path: string): Action[] {
  return Object.entries(methods).map(([name, method]) => ({ name, method, path: `${path}/${name}` }))
}

function checkActions(collection: string, controller: Controller, { more, given }: { more: readonly Action[]; given: readonly string[] }): void {
  const known = [...REST_ACTIONS, ...more].map(({ name }) => name)
  const missing = [...more.map(({ name }) => name), ...given].find((name) => !known.includes(name) || methodOf(controller, name) === undefined)
  if (missing !== undefined) throw new Error(`The controller of ${collection} has no method ${missing}, which its options name.`)
  if (known.every((name) => methodOf(controller, name) === undefined)) {
    throw new Error(`The controller of ${collection} has none of the methods index, create, show, update, delete.`)
  }
}

function methodOf(controller: Controller, name: string): AnyHandler | undefined {
  const method = (controller as Record<string, unknown>)[name]
  return typeof method === 'function' ? (method.bind(controller) as AnyHandler) : undefined
}

function optionsOf(own: RouteOptions, { host, versions }: ResourceOptions, action: RouteOptions = {}): RouteOptions {
  const shared = Object.entries({ host, versions }).filter(([, value]) => value !== undefined)
  return { ...own, ...Object.fromEntries(shared), ...action, requirements: { ...own.requirements, ...action.requirements } }
}

function parentPath(parent: ParentResource | undefined): string {
  return parent === undefined ? '' : `${parentPath(parent.parent)}/${parent.collection}/:${parent.member}_id`
}
