import { type Config, type ConfigRequest, loadConfig } from '../config/load.ts'
import { describeSetting } from '../config/settings.ts'
import { type ConfigProblem, describeProblem } from '../errors.ts'
import type { PipelineNode } from '../paste/pipeline-node.ts'
import { printable } from '../printable.ts'
import { Problems } from '../problems.ts'
import { exitCodes } from './exit-codes.ts'
import { describeFinding, distinct, errorsIn, type Finding, hideSecret } from './finding.ts'
import { drawFlowchart } from './flowchart.ts'
import { loaderOf } from '../loaders.ts'
import { drawTree, maskNode } from './pipeline-tree.ts'
import { shortPath } from './short-path.ts'
import { formatTable } from '../table.ts'

export type ShowTopic = 'pipelines' | 'config' | 'routes'
export type ShowFormat = 'text' | 'json' | 'mermaid'

/** `millrace show`: what the configuration comes to, for people, or as JSON; pipelines also as a flowchart. */
export async function show(topic: ShowTopic, request: ConfigRequest, format: ShowFormat): Promise<number> {
  const { data, text, mermaid = text, findings = [] } = await VIEWS[topic](loadConfig(request))
  const draw = { json: () => JSON.stringify(data, null, 2), text, mermaid }[format]
  process.stdout.write(`${printable(draw())}\n`)
  for (const finding of findings) process.stderr.write(`${describeFinding(finding)}\n`)
  return findings.some(({ level }) => level === 'error') ? exitCodes.usage : exitCodes.ok
}

interface View {
  readonly data: unknown
  readonly text: () => string
  readonly mermaid?: () => string
  /** What is wrong with some of it, while the rest can be shown. */
  readonly findings?: readonly Finding[]
}

const VIEWS: Readonly<Record<ShowTopic, (config: Config) => View | Promise<View>>> = {
  config: showConfig,
  pipelines: showPipelines,
  routes: showRoutes,
}

function showConfig(config: Config): View {
  const options = config.options.map(describeSetting)
  const rows = options.map(({ group, option, value, source }) => [`[${group}]`, option, value, source])
  return { data: options, text: () => formatTable(['group', 'option', 'value', 'from'], rows) }
}

/** Draws what can be. What is broken and would not be served is an error; what is and nobody uses, a warning. Throws when nothing is left. */
function showPipelines({ apis }: Config): View {
  const problems = new Problems()
  const described = apis.flatMap((api) => {
    const loader = loaderOf(api)
    const node = problems.try(() => loader.describeApp(api.name))
    problems.try(() => loader.examineApp(api.name))
    return node === undefined ? [] : [{ node, pasteFile: api.wsgi.api_paste_config }]
  })
  if (described.length === 0) problems.throwAny()
  return {
    findings: findingsIn(problems, described.flatMap(({ node }) => brokenIn(node))),
    data: described.map(({ node }) => maskNode(node)),
    text: () => described.map(({ node, pasteFile }) => drawTree(node, (file) => shortPath(file, pasteFile))).join('\n\n'),
    mermaid: () => drawFlowchart(described.map(({ node }) => node)),
  }
}

function findingsIn(problems: Problems, broken: readonly ConfigProblem[]): Finding[] {
  const errors = errorsIn(problems)
  const told = new Set(errors.map(describeProblem))
  const warnings = broken.filter((problem) => !told.has(describeProblem(problem)))
  return distinct([...errors, ...warnings.map((problem): Finding => ({ ...hideSecret(problem), level: 'warning' }))])
}

function brokenIn({ problems = [], children }: PipelineNode): ConfigProblem[] {
  return [...problems, ...children.flatMap(brokenIn)]
}

/** The router is loaded only here: that takes as long as all the rest of the command. */
async function showRoutes(config: Config): Promise<View> {
  const { drawRoutes, listRoutes } = await import('./route-list.ts')
  const routes = await listRoutes(config)
  return { data: routes, text: () => drawRoutes(routes) }
}
