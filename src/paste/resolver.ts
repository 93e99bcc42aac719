import { existsSync } from 'node:fs'
import { readIni, type IniFile } from '../config/ini.ts'
import { ConfigError } from '../errors.ts'
import { addMounts } from './mounts.ts'
import type { Context, ContextOf, FactoryContext, Part, Referrer } from './context.ts'
import { eggFactory, moduleFactory, type FactoryReference } from './factories.ts'
import { gather } from './gather.ts'
import { openSection, type OpenSection } from './open-section.ts'
import { FACTORY_TYPES, type KindOf, type LoadableType } from './protocols.ts'
import type { BuiltinRegistry } from './registry.ts'
import { readContext, type References } from './section-context.ts'
import { openScope, type Scope, type Setting } from './section-conf.ts'
import { findSection } from './sections.ts'
import { warnOf } from './traps.ts'
import { parseReference } from './uri.ts'
import { Warnings } from './warnings.ts'

/** Finds out what names and URIs mean. Reads each INI file once, and imports no module. */
export class ContextResolver {
  readonly #builtins: BuiltinRegistry
  readonly #files = new Map<string, IniFile>()
  /** About the sections that were referred to so far. */
  readonly warnings: Warnings = new Warnings()
  /** The apps and filters that were referred to so far, also by sections that are wrong, and that can be made by themselves. */
  readonly parts: Part[] = []
  readonly #references: References = {
    resolve: (type, text, from) => this.resolve(type, text, from),
    moduleFactory: (target, as, place) => moduleFactory(this.#builtins, target, as, place),
    warnings: this.warnings,
  }

  constructor(builtins: BuiltinRegistry) {
    this.#builtins = builtins
  }

  /** Throws {@link ConfigError} when the file cannot be read. */
  readFile(file: string): IniFile {
    const ini = this.#files.get(file) ?? readIni(file)
    this.#files.set(file, ini)
    return ini
  }

  /** Throws {@link ConfigError} for everything that is wrong with the section that `text` names, and with those that it refers to. */
  resolve<T extends LoadableType>(type: T, text: string, from: Referrer): ContextOf<T> {
    const context = this.#resolve(type, text, from)
    // What a section that is only used is made with, and what it mounts, its heir decides.
    if (!from.site.mounts || from.callKind !== undefined) return context
    const mounted = addMounts(context, this)
    if (isPart(mounted)) this.parts.push(mounted)
    return mounted
  }

  #resolve<T extends LoadableType>(type: T, text: string, from: Referrer): ContextOf<T> {
    const { scope, place } = from.site
    const reference = parseReference(text, scope.directory, place)
    if (reference.scheme === 'section') return this.#readSection(type, reference.name, from)
    if (reference.scheme === 'config') {
      return this.#readSection(type, reference.name, { ...from, site: { ...from.site, scope: this.#openFile(reference.file, from) } })
    }
    const as = { type, kind: (from.callKind ?? type) as KindOf<T> }
    const factory =
      reference.scheme === 'egg'
        ? eggFactory(this.#builtins, reference, as, place)
        : moduleFactory(this.#builtins, reference.target, as, place)
    return bareFactory(factory, from) as Context as ContextOf<T>
  }

  #readSection<T extends LoadableType>(type: T, name: string, { site, caller }: Referrer): ContextOf<T> {
    const [, context] = gather([
      () => site.scope.problems.throwAny(),
      () => this.#readOpen(type, openSection(findSection(type, name, site.scope.ini, site.place), site, caller)),
    ])
    return context
  }

  #readOpen<T extends LoadableType>(type: T, open: OpenSection): ContextOf<T> {
    warnOf(open, this.warnings)
    const [, context] = gather([() => open.problems.throwAny(), () => readContext(type, open, this.#references)])
    return context
  }

  #openFile(file: string, { site, caller }: Referrer): Scope {
    if (!existsSync(file)) throw new ConfigError({ ...site.place, message: `File not found: ${file}` })
    return openScope(this.readFile(file), caller)
  }
}

/** What mounts something is made of parts itself. */
function isPart(context: Context): context is Part {
  return context.form === 'factory' && FACTORY_TYPES[context.factory.kind] !== 'server' && (context.mounts ?? []).length === 0
}

/** A factory that no section gives any settings. */
function bareFactory<T extends LoadableType>(factory: FactoryReference<T>, { site, caller }: Referrer): FactoryContext<T> {
  const { file, line } = site.place
  return { form: 'factory', name: factory.text, file, line, factory, globalConf: caller, localConf: new Map<string, Setting>(), site }
}
