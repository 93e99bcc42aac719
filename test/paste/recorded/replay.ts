import { readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import type { App, Conf, HttpRequest } from '../../../src/app.ts'
import { ConfigError, HttpError, type ConfigProblem } from '../../../src/errors.ts'
import { encodePath, normalizePath } from '../../../src/http/path.ts'
import { Loader } from '../../../src/paste/loader.ts'
import { makeRequest } from '../../support/make-request.ts'
import { writeFiles } from '../paste-files.ts'
import { Recorder, traceOf } from './recorder.ts'

export type Files = Readonly<Record<string, string>>

/** What is loaded from `api-paste.ini`, and what was recorded of it. */
export interface Load {
  readonly op: string
  readonly name?: string
  readonly globalConf?: Conf
  readonly requests?: readonly (string | RecordedRequest)[]
  readonly expect: Outcome
  /** What the reference did: the class of its error, or its outcome where Millrace's is another. */
  readonly reference?: unknown
}

interface RecordedRequest {
  readonly path: string
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly scheme?: string
  readonly script?: string
  /** The host, the scheme and the client's address are recorded too. */
  readonly show?: boolean
}

/** What is told of an app: `kind name` of each factory with its two dictionaries, in the order they were called; and the answers. */
export type Outcome =
  | { readonly made: readonly unknown[]; readonly replies: readonly unknown[] }
  | { readonly config: Record<string, string | null> }
  | { readonly refused: Pick<ConfigProblem, 'file' | 'line' | 'section' | 'option'> }

export interface RecordedCase {
  readonly name: string
  /** Why Millrace does something else than the reference. */
  readonly deviates?: string
  readonly files: Files
  readonly loads: readonly Load[]
}

/** How each `op` is done. */
export type Ops = Readonly<Record<string, (loader: Loader, recorder: Recorder, load: Load) => Promise<Partial<Record<'app' | 'config', unknown>>>>>

const OPS: Ops = {
  app: async (loader, _recorder, { name, globalConf }) => ({ app: await loader.loadApp(name, globalConf) }),
  filter: async (loader, recorder, { name, globalConf }) => ({ app: (await loader.loadFilter(name, globalConf))(recorder.terminal()) }),
  config: (loader, _recorder, { name, globalConf }) => Promise.resolve({ config: loader.appConfig(name, globalConf) }),
}

/** The cases of these JSON files; the name of the file is that of the group. */
export function readCases(directory: string, groups: readonly string[]): (RecordedCase & { group: string })[] {
  return groups.flatMap((group) => {
    const cases = JSON.parse(readFileSync(join(directory, `${group}.json`), 'utf8')) as RecordedCase[]
    return cases.map((one) => ({ group, ...one }))
  })
}

/** Loads it and sends its requests; `file` and `here` are told relative to the folder of the files. */
export async function replay(files: Files, load: Load, { ops = OPS, recorder = new Recorder() } = {}): Promise<Outcome> {
  const configPath = join(writeFiles(files), 'api-paste.ini')
  const outcome = await attempt(configPath, load, ops, recorder)
  return JSON.parse(JSON.stringify(outcome).replaceAll(dirname(configPath), '<dir>')) as Outcome
}

async function attempt(configPath: string, load: Load, ops: Ops, recorder: Recorder): Promise<Outcome> {
  try {
    const loader = new Loader({ configPath, builtins: recorder.registry })
    const { app, config } = await ops[load.op]!(loader, recorder, load)
    if (config !== undefined) return { config: globals(config as Conf, configPath) }
    return await tell(recorder, configPath, app as App, load.requests ?? [])
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    const { file, line, section, option } = error.problem
    return { refused: { file: file && relative(dirname(configPath), file), line, section, option } }
  }
}

async function tell(recorder: Recorder, configPath: string, app: App, requests: NonNullable<Load['requests']>): Promise<Outcome> {
  const replies = []
  for (const request of requests) replies.push(await send(app, request))
  const made = recorder.made.map(({ kind, name, globalConf, localConf }) => [`${kind} ${name}`, globals(globalConf, configPath), localConf])
  return { made, replies }
}

async function send(app: App, recorded: string | RecordedRequest): Promise<unknown[]> {
  const { path, method = 'GET', headers = {}, scheme = 'http', script = '', show = false } = typeof recorded === 'string' ? { path: recorded } : recorded
  const rawPathInfo = normalizePath(path.split('?')[0]!)
  const host = headers['host'] ?? 'api.example'
  const request = makeRequest({ method, headers: { ...headers }, scheme, host, rawPathInfo, rawScriptName: encodePath(script) })
  Object.assign(request.server, { trusts: () => true })
  const status = await statusOf(app, request)
  return [status, traceOf(request), ...extrasOf(request, show)]
}

async function statusOf(app: App, request: HttpRequest): Promise<number> {
  try {
    return (await app(request)).status ?? 200
  } catch (error) {
    if (error instanceof HttpError) return error.status
    throw error
  }
}

/** What a URL map tells besides, and where the request seems to come from when the recording asks. */
function extrasOf({ environ, host, scheme, client }: HttpRequest, show: boolean): unknown[] {
  const type = environ['nova.best_content_type']
  if (type === undefined && !show) return []
  return [{ ...(type !== undefined && { type }), ...(show && { show: [host, scheme, client.address] }) }]
}

/** `here` and `__file__` are only told when they are not those of `api-paste.ini`; null when they are missing. */
function globals(conf: Conf, configPath: string): Record<string, string | null> {
  const own: Conf = { here: dirname(configPath), __file__: configPath }
  const told = Object.entries(conf).filter(([key, value]) => own[key] !== value)
  const missing = Object.keys(own).filter((key) => !(key in conf)).map((key) => [key, null] as const)
  return Object.fromEntries<string | null>([...told, ...missing])
}
