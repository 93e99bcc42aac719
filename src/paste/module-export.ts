import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { constants, Script } from 'node:vm'
import { nearestName } from '../nearest.ts'
import { ConfigError } from '../errors.ts'
import { explainImport, missingFile } from './import-failure.ts'
import type { Place } from './uri.ts'

export type Callable = (...args: never[]) => unknown

/**
 * Imports the function that `module:export` names, as seen from the file it is written in. The module is a path when it starts with
 * `./`, `../` or `/`, else an npm package; the export may be an attribute of one, `Class.method`.
 * White space around the colon is nothing, as in Python's entry points.
 * Throws {@link ConfigError} when there is no such module, no such export, or it is not a function.
 */
export async function importFunction(target: string, place: Place): Promise<Callable> {
  const [module, path] = readTarget(target, place)
  return getFunction(await importModule(module, place), path, withoutAdvice(place))
}

/** As {@link importFunction}, but what it names may be of any type; a function is bound to what holds it. */
export async function importExport(target: string, place: Place): Promise<unknown> {
  const [module, path] = readTarget(target, place)
  const [holder, name] = holderAt(await importModule(module, place), path, place)
  const found = holder[name]
  // An app of Express has a `bind` of its own: a route for that method (RFC 5842).
  return typeof found === 'function' ? (Function.prototype.bind.call(found, holder) as Callable) : found
}

function readTarget(target: string, place: Place): [module: string, path: string] {
  const [, module, path] = /^(.+?)\s*:\s*([^:]+?)\s*$/s.exec(target) ?? []
  if (module !== undefined && path !== undefined) return [module, path]
  throw new ConfigError({ ...place, message: 'Configuration not in format module:function', expected: 'for instance ./app.js:factory' })
}

/** Throws {@link ConfigError}, with its cause, when the module cannot be found or fails while it loads. */
export async function importModule(specifier: string, place: Place): Promise<object> {
  const file = /^\.{0,2}\//.test(specifier) ? resolve(dirname(place.file), specifier) : undefined
  if (file !== undefined && !existsSync(file)) throw missingFile(specifier, file, place)
  try {
    return await (file === undefined ? importPackage(specifier, place.file) : import(pathToFileURL(file).href))
  } catch (error) {
    throw explainImport(error, { specifier, file, place })
  }
}

/** The function at the end of a dotted path, bound to what holds it. */
export function getFunction(owner: unknown, path: string, place: Place): Callable {
  const [holder, name] = holderAt(owner, path, place)
  return getMember(holder, name, place)
}

/** What holds the last name of a dotted path, and that name. */
function holderAt(owner: unknown, path: string, place: Place): [holder: Record<string, unknown>, name: string] {
  const dot = path.indexOf('.')
  if (dot === -1) return [holderOf(owner, path, place), path]
  const name = path.slice(0, dot)
  return holderAt(holderOf(owner, name, place)[name], path.slice(dot + 1), place)
}

/** The function that `owner` has under this name, bound to it. */
export function getMember(owner: unknown, name: string, place: Place): Callable {
  const holder = holderOf(owner, name, place)
  const found = holder[name]
  if (typeof found !== 'function') throw new ConfigError({ ...place, message: `'${name}' is not a function`, expected: 'a factory' })
  return found.bind(holder) as Callable
}

/** What Node adds to the exports of a CommonJS module. */
const CJS_NAMES = ['__esModule', 'module.exports']
/** More names than these are no help. */
const MAX_LISTED = 12

/** Not every name a CommonJS module exports is seen when it is imported; all of them are attributes of its default export. */
function holderOf(owner: unknown, name: string, place: Place): Record<string, unknown> {
  const { default: fallback } = Object(owner) as { default?: unknown }
  const holder = [owner, fallback].find((candidate) => hasAttribute(candidate, name))
  if (holder !== undefined) return holder as Record<string, unknown>
  const exported = Object.getOwnPropertyNames(Object(owner)).filter((key) => typeof owner === 'object' && !CJS_NAMES.includes(key)).toSorted()
  const expected = exported.length > 0 && exported.length <= MAX_LISTED ? `one of ${exported.join(', ')}` : undefined
  const nearest = nearestName(name, Object.getOwnPropertyNames(Object(owner)))
  throw new ConfigError({ ...place, message: `'${name}' is not exported`, expected, nearest })
}

function hasAttribute(owner: unknown, name: string): boolean {
  return name in Object(owner)
}

/** What is near the name of a module is no advice on its exports. */
function withoutAdvice(place: Place): Place {
  return { ...place, nearest: undefined }
}

function importPackage(name: string, from: string): Promise<object> {
  try {
    return import(pathToFileURL(createRequire(from).resolve(name)).href)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_PACKAGE_PATH_NOT_EXPORTED') throw error
    return importAsBeside(from, name)
  }
}

/**
 * A package that exports to `import` alone is out of `require.resolve`'s reach, and `import.meta.resolve` takes no parent: only a script
 * that says it stands beside the file can import it from there. Not for every package, as Node prints a warning at the first use.
 */
function importAsBeside(file: string, name: string): Promise<object> {
  const script = new Script('(name) => import(name)', {
    filename: file,
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  })
  return (script.runInThisContext() as (name: string) => Promise<object>)(name)
}
