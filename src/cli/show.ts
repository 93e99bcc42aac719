import { type Config, type ConfigRequest, loadConfig } from '../config/load.ts'
import { printable } from '../printable.ts'
import { Problems } from '../problems.ts'
import { exitCodes } from './exit-codes.ts'
import { drawFlowchart } from './flowchart.ts'
import { loaderOf } from './loaders.ts'
import { drawTree, maskNode } from './pipeline-tree.ts'
import { shortPath } from './short-path.ts'
import { formatTable } from './table.ts'

export type ShowTopic = 'pipelines' | 'config' | 'routes'
export type ShowFormat = 'text' | 'json' | 'mermaid'

/** `millrace show`: what the configuration comes to, for people, or as JSON; pipelines also as a flowchart. */
export async function show(topic: ShowTopic, request: ConfigRequest, format: ShowFormat): Promise<number> {
  const { data, text, mermaid = text } = await VIEWS[topic](loadConfig(request))
  const draw = { json: () => JSON.stringify(data, null, 2), text, mermaid }[format]
  process.stdout.write(`${printable(draw())}\n`)
  return exitCodes.ok
}

interface View {
  readonly data: unknown
  readonly text: () => string
  readonly mermaid?: () => string
}

const VIEWS: Readonly<Record<ShowTopic, (config: Config) => View | Promise<View>>> = {
  config: showConfig,
  pipelines: showPipelines,
  routes: showRoutes,
}

function showConfig(config: Config): View {
  const options = config.describe()
  const rows = options.map(({ group, option, value, source }) => [`[${group}]`, option, value, source])
  return { data: options, text: () => formatTable(['group', 'option', 'value', 'from'], rows) }
}

/** Throws one ConfigError with all that is wrong. */
function showPipelines({ apis }: Config): View {
  const problems = new Problems()
  const described = apis.flatMap((api) => {
    const node = problems.try(() => loaderOf(api).describeApp(api.name))
    return node === undefined ? [] : [{ node, pasteFile: api.wsgi.api_paste_config }]
  })
  problems.throwAny()
  return {
    data: described.map(({ node }) => maskNode(node)),
    text: () => described.map(({ node, pasteFile }) => drawTree(node, (file) => shortPath(file, pasteFile))).join('\n\n'),
    mermaid: () => drawFlowchart(described.map(({ node }) => node)),
  }
}

/** The router is loaded only here: that takes as long as all the rest of the command. */
async function showRoutes(config: Config): Promise<View> {
  const { drawRoutes, listRoutes } = await import('./route-list.ts')
  const routes = await listRoutes(config)
  return { data: routes, text: () => drawRoutes(routes) }
}
