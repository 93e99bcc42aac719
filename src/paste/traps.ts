import type { OpenSection } from './open-section.ts'
import type { Warnings } from './warnings.ts'

/** Warns of what reads as if it said something else. */
export function warnOf({ dropped, kind, localConf }: OpenSection, warnings: Warnings): void {
  for (const { name, global, place } of dropped) {
    warnings.add(place, `has no effect, as it is global here with the value "${global}"; write "set ${name} = …" to override that`)
  }
  if (kind.callKind === 'composite') {
    for (const [key, { value, place }] of localConf) {
      if (isUrl(key, value)) warnings.add(place, `the first colon ends the key, so this is no URL; write "domain HOST /PATH = APP"`)
    }
  }
}

/** `http://host/path = app` is the option `http` with the value `//host/path = app`. */
function isUrl(key: string, value: string): boolean {
  return /^https?$/i.test(key) && value.startsWith('//')
}
