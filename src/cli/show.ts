import { type ConfigRequest, loadConfig } from '../config/load.ts'
import type { PipelineNode } from '../paste/pipeline-node.ts'
import { loaderOf } from './api.ts'
import { exitCodes } from './exit-codes.ts'
import { listRoutes } from './route-list.ts'
import { formatTable } from './table.ts'

export type ShowTopic = 'pipelines' | 'config' | 'routes'

/** `millrace show`: what the configuration comes to, for people, or as JSON. */
export async function show(topic: ShowTopic, request: ConfigRequest, json: boolean): Promise<number> {
  const { data, text } = await VIEWS[topic](request)
  process.stdout.write(json ? `${JSON.stringify(data, null, 2)}\n` : `${text}\n`)
  return exitCodes.ok
}

interface View {
  readonly data: unknown
  readonly text: string
}

const VIEWS: Readonly<Record<ShowTopic, (request: ConfigRequest) => View | Promise<View>>> = {
  config: showConfig,
  pipelines: showPipelines,
  routes: showRoutes,
}

function showConfig(request: ConfigRequest): View {
  const options = loadConfig(request).describe()
  const rows = options.map(({ group, option, value, source }) => [`[${group}]`, option, value, source])
  return { data: options, text: formatTable(['group', 'option', 'value', 'from'], rows) }
}

function showPipelines(request: ConfigRequest): View {
  const nodes = loadConfig(request).apis.map((api) => loaderOf(api).describeApp(api.name))
  return { data: nodes, text: nodes.map((node) => treeLines(node, '', '').join('\n')).join('\n\n') }
}

/** Each node on a line, with what it contains below it. */
function treeLines(node: PipelineNode, first: string, rest: string): string[] {
  const mount = node.mount === undefined ? '' : `${node.mount} → `
  const factory = node.factory === undefined ? '' : `  ${node.factory}`
  const below = node.children.flatMap((child, index) => {
    const last = index === node.children.length - 1
    return treeLines(child, `${rest}${last ? '└─ ' : '├─ '}`, `${rest}${last ? '   ' : '│  '}`)
  })
  return [`${first}${mount}${node.kind} ${node.name}${factory}`, ...below]
}

async function showRoutes(request: ConfigRequest): Promise<View> {
  const routes = await listRoutes(loadConfig(request))
  const rows = routes.map(({ api, method, path, name }) => [api, method, path, name ?? ''])
  return { data: routes, text: formatTable(['api', 'method', 'path', 'name'], rows) }
}
