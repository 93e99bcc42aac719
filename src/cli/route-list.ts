import type { App } from '../app.ts'
import type { ComposedSection, CompositionObserver } from '../compose/observer.ts'
import type { ApiConfig } from '../config/api-config.ts'
import type { Config } from '../config/load.ts'
import type { PipelineNode } from '../paste/pipeline-node.ts'
import { Problems } from '../problems.ts'
import { routesOf } from '../router/router.ts'
import { loaderOf } from '../loaders.ts'
import { formatTable } from '../table.ts'

interface RouteLine {
  /** `*` for an app that is no router. */
  readonly method: string
  /** With the mount points before it. */
  readonly path: string
  readonly name: string
  /** Whatever else a router says of its routes. */
  readonly [detail: string]: unknown
}

export interface ListedRoute extends RouteLine {
  readonly api: string
}

/**
 * The routes of every API, under their mount points and whatever filters are around them. Imports and builds the apps. Throws one
 * ConfigError with all that is wrong.
 */
export async function listRoutes({ apis }: Config): Promise<ListedRoute[]> {
  const problems = new Problems()
  const listed: ListedRoute[] = []
  for (const api of apis) listed.push(...((await problems.tryAsync(() => routesOfApi(api))) ?? []))
  problems.throwAny()
  return listed
}

/** Columns for what every route has, and for what any of them has besides. */
export function drawRoutes(routes: readonly ListedRoute[]): string {
  const columns = [...new Set(['api', 'method', 'path', 'name', ...routes.flatMap((route) => Object.keys(route))])]
  return formatTable(columns, routes.map((route) => columns.map((column) => formatDetail(column, route[column]))))
}

function formatDetail(column: string, detail: unknown): string {
  if (typeof detail !== 'object' || detail === null) return typeof detail === 'string' ? detail : (JSON.stringify(detail) ?? '')
  if (Array.isArray(detail)) return detail.join(column === 'versions' ? ' to ' : ', ')
  return Object.entries(detail).map(([key, value]) => `${key}=${value}`).join(', ')
}

async function routesOfApi(api: ApiConfig): Promise<ListedRoute[]> {
  const seen = new SeenApps()
  const loader = loaderOf(api, seen)
  await loader.loadApp(api.name)
  return routesBelow(loader.describeApp(api.name), '', seen).map((route) => ({ api: api.name, ...route }))
}

/** The apps as they are before filters are around them, by their sections. */
class SeenApps implements CompositionObserver {
  readonly #apps = new Map<string, App>()

  composed(section: ComposedSection, app: App): App {
    this.#apps.set(keyOf(section), app)
    return app
  }

  loaded(app: App): App {
    return app
  }

  /** Undefined for what no composite asked for. */
  find(section: ComposedSection): App | undefined {
    return this.#apps.get(keyOf(section))
  }
}

/** Not the line: of several references to one URI a composite's are all told to stand where the first does. */
function keyOf({ name, file }: ComposedSection): string {
  return JSON.stringify([name, file])
}

function routesBelow(node: PipelineNode, prefix: string, seen: SeenApps): RouteLine[] {
  const mounted = prefix + mountPath(node.mount)
  if (node.children.length > 0) return node.children.flatMap((child) => routesBelow(child, mounted, seen))
  const app = node.kind === 'filter' ? undefined : seen.find(node)
  if (app === undefined) return []
  const routes = routesOf(app)
  if (routes === undefined) return [{ method: '*', path: mounted === '' ? '/' : mounted, name: node.name }]
  return routes.map(({ method, path, name, ...details }) => ({ method, path: joinPaths(mounted, path), name, ...details }))
}

/** `domain example.org /v2/+` is mounted at `/v2`. */
function mountPath(expression = ''): string {
  const path = expression.split(/\s+/).find((token) => token.startsWith('/')) ?? ''
  return path.replace(/\/\+?$/, '')
}

function joinPaths(prefix: string, path: string): string {
  return path === '/' && prefix !== '' ? prefix : prefix + path
}
