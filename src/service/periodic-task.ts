import { nearestName } from '../nearest.ts'
import { checkNumber } from './check-number.ts'

export interface PeriodicTaskOptions {
  /** Seconds between two runs; 0 for 60, and less for never. Default: 60. */
  spacing?: number
  /** The first run does not wait for the spacing to pass. Default: false. */
  runImmediately?: boolean
  /** Default: true. */
  enabled?: boolean
  /** May be run by another process in this one's place: it is left out where `runExternal` is false. oslo.service's external_process_ok. Default: false. */
  external?: boolean
  /** The share of the spacing by which a run may come later, by chance and in whole seconds. Default: 0.05; 0 for none. */
  jitter?: number
  /** For the log. Default: the name of the property, or of the function. */
  name?: string
}

/** What runs periodically. The signal aborts when its service stops. */
export type PeriodicFunction<Context> = (context: Context, signal: AbortSignal) => unknown

/** Options as they are when all are given, but for the name. */
export type PeriodicTask = Readonly<Required<Omit<PeriodicTaskOptions, 'name'>>> & { readonly name: string | undefined }

type AnyFunction = (...args: never[]) => unknown

/** What a decorator is told of a method: as much as is read here. */
interface MethodContext {
  readonly static?: boolean
  readonly private?: boolean
}

/** Marks periodic tasks across copies of the package. */
const TASK = Symbol.for('millrace.periodic_task')
const DEFAULT_SPACING = 60
const DEFAULTS: PeriodicTask = { spacing: 0, runImmediately: false, enabled: true, external: false, jitter: 0.05, name: undefined }
const OSLO_NAMES = new Map([
  ['external_process_ok', 'external'],
  ['ticks_between_runs', 'spacing'],
])

/**
 * Marks a function as a periodic task, every 60 s by default, and returns it. A property of a class that extends PeriodicTasks, or a
 * method, there as a decorator of ECMAScript's (not TypeScript's legacy ones), is then run by its instances:
 *
 *     class Manager extends PeriodicTasks {
 *       updateUsage = periodicTask({ spacing: 10 })(async () => { … })
 *       @periodicTask({ spacing: 600, runImmediately: true }) async cleanUp() { … }
 *     }
 *
 * Throws TypeError for an option there is not, and for a value of another type; RangeError for a jitter below 0.
 */
export function periodicTask<F extends AnyFunction>(run: F, context?: MethodContext): F
export function periodicTask(options?: PeriodicTaskOptions): <F extends AnyFunction>(run: F, context?: MethodContext) => F
export function periodicTask(given: AnyFunction | PeriodicTaskOptions = {}, context?: MethodContext): AnyFunction | ((run: AnyFunction, context?: MethodContext) => AnyFunction) {
  if (typeof given === 'function') return mark(given, optionsOf({}), context)
  const options = optionsOf(given)
  return (run: AnyFunction, context?: MethodContext) => mark(run, options, context)
}

/** What a function was marked with. */
export function periodicTaskOf(value: unknown): PeriodicTask | undefined {
  return typeof value === 'function' ? (value as { [TASK]?: PeriodicTask })[TASK] : undefined
}

function mark(run: AnyFunction, options: PeriodicTask, context: MethodContext = {}): AnyFunction {
  if (typeof run !== 'function') throw new TypeError('a periodic task should be a function')
  if (context.static === true || context.private === true) throw new TypeError('a periodic task should be a public method of an instance')
  return Object.defineProperty(run, TASK, { value: options, configurable: true })
}

function optionsOf(given: PeriodicTaskOptions): PeriodicTask {
  for (const [name, value] of Object.entries(given)) checkOption(name, value)
  const options = { ...DEFAULTS, ...given }
  return { ...options, spacing: options.spacing === 0 ? DEFAULT_SPACING : options.spacing }
}

function checkOption(name: string, value: unknown): void {
  if (!Object.hasOwn(DEFAULTS, name)) throw new TypeError(`a periodic task has no option ${name}${hint(name)}`)
  if (name === 'spacing') checkNumber(name, value, -Infinity)
  else if (name === 'jitter') checkNumber(name, value)
  else if (typeof value !== (name === 'name' ? 'string' : 'boolean')) throw new TypeError(`${name} of a periodic task should be a ${name === 'name' ? 'string' : 'boolean'}`)
}

function hint(name: string): string {
  const nearest = OSLO_NAMES.get(name) ?? nearestName(name, Object.keys(DEFAULTS))
  return nearest === undefined ? '' : `; did you mean "${nearest}"?`
}
