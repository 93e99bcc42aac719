import { inspect } from 'node:util'
import { ConfigError, type ConfigProblem } from '../errors.ts'
import type { FactoryContext } from './context.ts'
import { describeThrown } from './thrown.ts'

type Made = (...args: never[]) => unknown

/** What the factory returns. Throws {@link ConfigError}, with its cause, when it fails or returns no function. */
export async function callFactory<T extends Made>(context: FactoryContext, call: () => T | Promise<T>): Promise<T> {
  return requireFunction(context, await callRunner(context, call))
}

/** As {@link callFactory}, for what need not make a function. */
export async function callRunner<T>(context: FactoryContext, call: () => T | Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (error) {
    throw blame(context, error)
  }
}

/** As {@link callFactory}, for what must not wait; the result is not looked at. */
export function callNow<T>(context: FactoryContext, call: () => T): T {
  try {
    return call()
  } catch (error) {
    throw blame(context, error)
  }
}

/** Throws {@link ConfigError} when a factory or filter made something that cannot be called. */
export function requireFunction<T extends Made>({ factory }: FactoryContext, made: T): T {
  if (typeof made === 'function') return made
  const { app } = Object(made) as { app?: unknown }
  const shown = inspect(made, { depth: 0, breakLength: Number.POSITIVE_INFINITY })
  throw new ConfigError({ ...factory.place, message: `the factory returned ${shown}`, expected: typeof app === 'function' ? 'a function, as its app is' : 'a function' })
}

/** A factory knows which option is wrong, but not where it stands. */
function blame({ factory, localConf, site }: FactoryContext, error: unknown): ConfigError {
  if (!(error instanceof ConfigError)) {
    return new ConfigError({ ...factory.place, message: `the factory failed: ${describeThrown(error)}` }, { cause: error })
  }
  if (error.problems.every((problem) => problem.file !== undefined)) return error
  const [first, ...others] = error.problems
  const locate = (problem: ConfigProblem): ConfigProblem => {
    if (problem.file !== undefined) return problem
    const { file, line, section } = localConf.get(problem.option ?? '')?.place ?? site.place
    return { ...problem, file, line, section }
  }
  return new ConfigError([locate(first), ...others.map(locate)], { cause: error })
}
