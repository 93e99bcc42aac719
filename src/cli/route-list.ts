import type { Config } from '../config/load.ts'
import type { Loader } from '../paste/loader.ts'
import type { PipelineNode } from '../paste/pipeline-node.ts'
import { routesOf } from '../router/router.ts'
import { loaderOf } from './api.ts'

export interface ListedRoute {
  readonly api: string
  readonly method: string
  /** With the mount points before it. */
  readonly path: string
  readonly name: string | undefined
}

/** The routes of every API: its leaves that are routers, each loaded by itself, under their mount points. Imports the apps' modules. */
export async function listRoutes(config: Config): Promise<ListedRoute[]> {
  const listed = await Promise.all(
    config.apis.map(async (api) => {
      const loader = loaderOf(api)
      return (await routesBelow(loader, loader.describeApp(api.name), '')).map((route) => ({ api: api.name, ...route }))
    }),
  )
  return listed.flat()
}

async function routesBelow(loader: Loader, node: PipelineNode, prefix: string): Promise<Omit<ListedRoute, 'api'>[]> {
  const mounted = prefix + mountPath(node.mount)
  if (node.children.length > 0) return (await Promise.all(node.children.map((child) => routesBelow(loader, child, mounted)))).flat()
  if (node.kind !== 'app') return []
  const routes = routesOf(await loader.loadApp(node.name)) ?? []
  return routes.map(({ method, path, name }) => ({ method, path: joinPaths(mounted, path), name }))
}

/** `domain example.org /v2/+` is mounted at `/v2`. */
function mountPath(expression = ''): string {
  const path = expression.split(/\s+/).find((token) => token.startsWith('/')) ?? ''
  return path.replace(/\/\+?$/, '')
}

function joinPaths(prefix: string, path: string): string {
  return path === '/' && prefix !== '' ? prefix : prefix + path
}
