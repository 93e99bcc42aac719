import { basename } from 'node:path'
import { ConfigError } from '../errors.ts'
import type { Site, TrailStep } from './context.ts'
import type { Heir } from './inheritance.ts'
import { isInstalled } from './installed.ts'
import type { Problems } from '../problems.ts'
import { readSection, splitSetting, type ConfMap, type Dropped, type Setting } from './section-conf.ts'
import type { FoundSection, SectionKind } from './sections.ts'

/** A section that is being read: what is left in `localConf` goes to the factory. */
export interface OpenSection extends Heir {
  readonly kind: SectionKind
  readonly localConf: Map<string, Setting>
  readonly dropped: readonly Dropped[]
  /** What is wrong so far, without being in the way of reading on. */
  readonly problems: Problems
}

/** Throws {@link ConfigError} when the section is one of those that led to it, and when a setting that refers to something cannot be read. */
export function openSection({ kind, section, title }: FoundSection, from: Site, caller: ConfMap): OpenSection {
  const { file } = from.scope.ini
  const trail = extendTrail(from, { section, file })
  const { localConf, ...conf } = readSection(from.scope, section, caller)
  const site = { ...from, place: { file, line: section.line, section: section.name }, trail }
  const open = { kind, name: title, file, line: section.line, ...conf, localConf: new Map(localConf), site }
  const required = takeSetting(open, 'require')
  if (required !== undefined) checkRequired(splitSetting(required), open.problems)
  return open
}

/** Takes the setting out, so that no factory sees it. */
export function takeSetting(open: OpenSection, key: string): Setting | undefined {
  const setting = open.localConf.get(key)
  open.localConf.delete(key)
  return setting
}

function checkRequired(required: readonly Setting[], problems: Problems): void {
  for (const { place } of required.filter(({ value, place }) => !isInstalled(value, place.file))) {
    problems.add(new ConfigError({ ...place, message: 'this npm package is not installed' }))
  }
}

function extendTrail({ trail, place }: Site, step: TrailStep): TrailStep[] {
  const first = trail.findIndex(({ section }) => section === step.section)
  if (first === -1) return [...trail, step]
  const circle = [...trail.slice(first), step].map(({ section, file }) => `[${section.name}] (${basename(file)}:${section.line})`)
  throw new ConfigError({ ...place, message: `refers to itself: ${circle.join(' -> ')}` })
}
