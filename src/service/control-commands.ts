import { nearestName } from '../nearest.ts'
import type { Operations } from './operations.ts'

/** One argument of a command. */
interface Argument<T> {
  /** What it has to be, for people. */
  readonly expected: string
  /** Undefined for what it cannot be. */
  readonly read: (value: unknown) => T | undefined
  /** What it is when it is not given; one without has to be. */
  readonly absent?: T
}

type Arguments = Readonly<Record<string, Argument<unknown>>>
type Values<A extends Arguments> = { readonly [N in keyof A]: A[N] extends Argument<infer T> ? T : never }

/** What can be asked of a launcher over its control socket. */
interface ControlCommand<A extends Arguments = Arguments> {
  readonly help: string
  readonly args: A
  /** Asked so often, and changing nothing, that it is not worth a line in the log. */
  readonly quiet?: true
  /** Throws, or rejects with, RangeError for a service or a value there is not. */
  run(operations: Operations, args: Values<A>): unknown
}

/** Those that `log_level` may be. */
export const LOG_LEVELS: readonly string[] = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']

const SERVICE: Argument<string> = { expected: 'the name of a service', read: (value) => (typeof value === 'string' ? value : undefined) }

const WORKERS: Argument<number> = { expected: 'a whole number from 1 on', read: (value) => (isNumber(value, 1) && Number.isInteger(value) ? value : undefined) }

const SECONDS: Argument<number> = { expected: 'a number of seconds', read: (value) => (isNumber(value, 0) ? value : undefined), absent: 1 }

const NOW: Argument<boolean> = { expected: 'true or false', read: (value) => (typeof value === 'boolean' ? value : undefined), absent: false }

const LEVEL: Argument<string> = { expected: `one of ${LOG_LEVELS.join(', ')}`, read: (value) => LOG_LEVELS.find((level) => level === value) }

const CONTROL_COMMANDS: Readonly<Record<string, ControlCommand>> = {
  ping: define({ help: 'tells the process id', args: {}, quiet: true, run: () => ({ pid: process.pid }) }),
  status: define({ help: 'services and their processes', args: {}, quiet: true, run: (operations) => operations.status() }),
  reload: define({ help: 'what HUP does; answers when it is over', args: {}, run: (operations) => operations.restart() }),
  stop: define({
    help: 'begins to stop: gracefully, or at once with now', args: { now: NOW },
    run: (operations, { now }) => operations.stop(now ? 'immediate' : 'graceful'),
  }),
  scale: define({
    help: 'another number of workers; answers with the one before', args: { service: SERVICE, workers: WORKERS },
    run: async (operations, { service, workers }) => ({ before: await operations.scale(service, workers) }),
  }),
  drain: define({
    help: 'ends the workers of one service, until a reload; answers when they have ended', args: { service: SERVICE },
    run: (operations, { service }) => operations.drain(service),
  }),
  'log-level': define({ help: 'of the launcher and all workers', args: { level: LEVEL }, run: (operations, { level }) => operations.setLogLevel(level) }),
  stuck: define({
    help: 'work that is older than so many seconds, by process', args: { seconds: SECONDS },
    run: (operations, { seconds }) => operations.stuck(seconds),
  }),
}

/** A command with its arguments, checked. */
export interface ControlCall {
  readonly quiet: boolean
  readonly args: Readonly<Record<string, unknown>>
  run(operations: Operations): unknown
}

/** Throws RangeError for a command there is not, an argument it has not, one that is missing, and one that is wrong. */
export function readCall(name: string, given: Readonly<Record<string, unknown>>): ControlCall {
  const command = pick('command', name, CONTROL_COMMANDS)
  for (const key of Object.keys(given)) pick(`argument of ${name}`, key, command.args)
  const args = Object.fromEntries(Object.entries(command.args).map(([key, argument]) => [key, readArgument(key, argument, given[key])]))
  return { quiet: command.quiet === true, args, run: (operations) => command.run(operations, args) }
}

function readArgument(name: string, { expected, read, absent }: Argument<unknown>, value: unknown): unknown {
  if (value === undefined && absent !== undefined) return absent
  const found = read(value)
  if (found === undefined) throw new RangeError(`${name} should be ${expected}${value === undefined ? '' : `, not ${JSON.stringify(value)}`}`)
  return found
}

function pick<T>(what: string, name: string, table: Readonly<Record<string, T>>): T {
  const found = Object.hasOwn(table, name) ? table[name] : undefined
  if (found !== undefined) return found
  const nearest = nearestName(name, Object.keys(table))
  throw new RangeError(`there is no ${what} ${JSON.stringify(name)}${nearest === undefined ? '' : `; did you mean "${nearest}"?`}`)
}

/** Its arguments are read by what `args` says before it runs. */
function define<A extends Arguments>(command: ControlCommand<A>): ControlCommand {
  return command
}

function isNumber(value: unknown, least: number): value is number {
  return typeof value === 'number' && value >= least
}
