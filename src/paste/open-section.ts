import { basename } from 'node:path'
import { ConfigError } from '../errors.ts'
import type { Site, TrailStep } from './context.ts'
import type { Heir } from './inheritance.ts'
import { isInstalled } from './module-export.ts'
import { readSection, splitSetting, type ConfMap, type Setting } from './section-conf.ts'
import type { FoundSection, SectionKind } from './sections.ts'

/** A section that is being read: what is left in `localConf` goes to the factory. */
export interface OpenSection extends Heir {
  readonly kind: SectionKind
  readonly localConf: Map<string, Setting>
}

/** Throws {@link ConfigError} when the section is one of those that led to it, and when it `require`s a package that is not installed. */
export function openSection({ kind, section, title }: FoundSection, from: Site, caller: ConfMap): OpenSection {
  const { file } = from.scope.ini
  const trail = extendTrail(from, { section, file })
  const { globalConf, additions, localConf } = readSection(from.scope, section, caller)
  const site = { scope: from.scope, place: { file, line: section.line, section: section.name }, trail }
  const open = { kind, name: title, file, line: section.line, globalConf, additions, localConf: new Map(localConf), site }
  const required = takeSetting(open, 'require')
  if (required !== undefined) checkRequired(splitSetting(required))
  return open
}

/** Takes the setting out, so that no factory sees it. */
export function takeSetting(open: OpenSection, key: string): Setting | undefined {
  const setting = open.localConf.get(key)
  open.localConf.delete(key)
  return setting
}

/** As {@link takeSetting}. Throws {@link ConfigError} when the section does not have it. */
export function takeNeeded(open: OpenSection, key: string): Setting {
  const setting = takeSetting(open, key)
  if (setting !== undefined) return setting
  const { place } = open.site
  throw new ConfigError({ ...place, message: `The [${place.section}] section in ${open.file} is missing a '${key}' setting` })
}

function checkRequired(required: readonly Setting[]): void {
  const missing = required.find(({ value, place }) => !isInstalled(value, place.file))
  if (missing !== undefined) throw new ConfigError({ ...missing.place, message: 'this npm package is not installed' })
}

function extendTrail({ trail, place }: Site, step: TrailStep): TrailStep[] {
  const first = trail.findIndex(({ section }) => section === step.section)
  if (first === -1) return [...trail, step]
  const circle = [...trail.slice(first), step].map(({ section, file }) => `[${section.name}] (${basename(file)}:${section.line})`)
  throw new ConfigError({ ...place, message: `refers to itself: ${circle.join(' -> ')}` })
}
