import type { App, CompositeFactory, Conf, HttpReply } from '../app.ts'
import { ConfigError, HttpError } from '../errors.ts'
import { isPromise } from '../is-promise.ts'
import { letGo } from '../let-go.ts'
import { type Brought, PEER } from '../middleware/peer.ts'
import { Problems } from '../problems.ts'

/** What an app may change in a request, and the next one must not see. */
const STATE = ['rawScriptName', 'rawPathInfo', 'params', 'scheme', 'host', 'client', PEER] as const

/**
 * Asks one app after the other until one knows the answer: Paste's cascade.
 *
 * - `app…`: the apps, every key that starts with `app`, in the order of the keys' letters (`app10` is before `app2`).
 * - `catch`: statuses that mean "ask the next one", default `404`. The last app's answer is the answer, whatever it is.
 *
 * ```ini
 * [composite:site]
 * use = egg:Paste#cascade
 * app1 = static
 * app2 = api
 * catch = 404 405
 * ```
 *
 * Where it is not Paste's: Paste copies the request's body for each app. Here a body is read once, and an app that began to read it has the
 * last word. Paths, host, client, parameters and `environ` are for the next app what they were; fields an app changed stay changed.
 */
export const cascadeFactory: CompositeFactory = async (loader, globalConf, localConf) => {
  const { catch: statuses = '404', ...named } = localConf
  const problems = new Problems()
  const caught = new Set(problems.try(() => readStatuses(statuses)))
  problems.try(() => checkKeys(named))
  const apps: App[] = []
  for (const [, name] of Object.entries(named).toSorted(([one], [other]) => (one < other ? -1 : 1))) {
    const app = await problems.tryAsync(() => loader.getApp(name, globalConf))
    if (app !== undefined) apps.push(app)
  }
  problems.throwAny()
  return apps.reduceRight((next, app) => orElse(app, next, caught))
}

function readStatuses(value: string): number[] {
  const words = value.split(/\s+/).filter(Boolean)
  const wrong = words.find((word) => !/^[345]\d\d$/.test(word))
  if (wrong === undefined) return words.map(Number)
  throw new ConfigError({ message: 'is no status that can be caught', option: 'catch', value: wrong, expected: '300 to 599' })
}

function checkKeys(named: Conf): void {
  const keys = Object.keys(named)
  const bad = keys.find((key) => !key.startsWith('app'))
  if (bad !== undefined) {
    const message = `Bad configuration key '${bad}' (='${named[bad]}'); all configuration keys must start with 'app'`
    throw new ConfigError({ message, option: bad })
  }
  if (keys.length === 0) throw new ConfigError({ message: 'there are no apps', option: 'app1', expected: 'the name of an app' })
}

function orElse(app: App, next: App, caught: ReadonlySet<number>): App {
  return (request) => {
    const restore = remember(request)
    const goOn = (): ReturnType<App> => {
      restore()
      return next(request)
    }
    const judge = (reply: HttpReply): ReturnType<App> => {
      if (request.bodyUsed || !caught.has(reply.status ?? 200)) return reply
      letGo(reply.body)
      return goOn()
    }
    const judgeError = (error: unknown): ReturnType<App> => {
      if (request.bodyUsed || !(error instanceof HttpError) || !caught.has(error.status)) throw error
      return goOn()
    }
    let answer
    try {
      answer = app(request)
    } catch (error) {
      return judgeError(error)
    }
    return isPromise(answer) ? answer.then(judge, judgeError) : judge(answer)
  }
}

function remember(request: Brought): () => void {
  const state = Object.fromEntries(STATE.map((name) => [name, request[name]]))
  const environ = { ...request.environ }
  return () => {
    Object.assign(request, state)
    for (const key of Object.keys(request.environ)) delete request.environ[key]
    Object.assign(request.environ, environ)
  }
}
