import { statusText } from '../log/status-text.ts'
import { stuckText } from '../log/stuck-text.ts'
import { printable } from '../printable.ts'
import type { LauncherStatus, ReloadOutcome, StuckProcess } from '../service/operations.ts'
import type { StopOutcome } from '../service/stop-outcome.ts'
import { askLauncher, ControlError } from './control-client.ts'
import { type ControlPlace, findControlSocket } from './control-place.ts'
import { exitCodes } from './exit-codes.ts'

/** What each command's answer is. */
interface Answers {
  readonly status: LauncherStatus
  readonly reload: ReloadOutcome
  readonly stop: null
  readonly scale: { readonly before: number }
  readonly drain: StopOutcome
  readonly 'log-level': null
  readonly stuck: readonly StuckProcess[]
}

type Args = Readonly<Record<string, unknown>>

export interface Asked {
  readonly command: keyof Answers
  readonly args?: Args
  readonly json?: boolean
}

/** How each answer reads. Throws ControlError for one that says that it was not done. */
const TEXTS: { readonly [C in keyof Answers]: (answer: Answers[C], args: Args) => string } = {
  status: (status) => statusText(status),
  stuck: stuckText,
  reload: reloadText,
  stop: (_, { now }) => (now === true ? 'the launcher stops at once' : 'the launcher stops'),
  scale: ({ before }, { service, workers }) => `${String(service)} goes from ${before} to ${String(workers)} workers`,
  drain: drainText,
  'log-level': (_, { level }) => `the log level is ${String(level)}`,
}

/** They take as long as the work in flight, or an app's import. */
const PATIENT: ReadonlySet<keyof Answers> = new Set(['reload', 'drain'])

/** `millrace status` and its like: asks the launcher, prints what it says. Rejects with ControlError or ConfigError. */
export async function control(place: ControlPlace, { command, args = {}, json = false }: Asked): Promise<number> {
  const path = findControlSocket(place)
  const answer = await askLauncher({ path, command, args, ...(PATIENT.has(command) && { timeoutSeconds: null }) })
  const text = TEXTS[command] as (answer: unknown, args: Args) => string
  process.stdout.write(`${printable(json ? JSON.stringify(answer, null, 2) : text(answer, args))}\n`)
  return exitCodes.ok
}

function reloadText({ done, replaced, reason }: ReloadOutcome): string {
  const many = `${replaced} ${replaced === 1 ? 'worker was' : 'workers were'} replaced`
  if (!done) throw new ControlError(`the reload failed, ${replaced === 0 ? 'everything stays as it was' : `after ${many}`}: ${reason ?? 'the log tells why'}`)
  return replaced === 0 ? 'the configuration was taken over' : `reloaded, ${many}`
}

function drainText({ clean, cut }: StopOutcome, { service }: Args): string {
  if (!clean) throw new ControlError(`${String(service)} is drained, but not cleanly: ${cut} ${cut === 1 ? 'request was' : 'requests were'} cut`)
  return `${String(service)} is drained`
}
