import { ConfigError } from '../errors.ts'
import type { OpenSection } from './open-section.ts'
import type { Setting } from './section-conf.ts'
import type { Warnings } from './warnings.ts'

const NO_URL = 'the first colon ends the key, so this is no URL'
const INSTEAD = 'domain HOST /PATH = APP'

/** Warns of what reads as if it said something else. */
export function warnOf({ dropped, kind, localConf }: OpenSection, warnings: Warnings): void {
  for (const { name, global, place } of dropped) {
    warnings.add(place, `has no effect, as it is global here with the value "${global}"; write "set ${name} = …" to override that`)
  }
  if (kind.callKind === 'composite') {
    for (const [key, { value, place }] of localConf) {
      if (isUrl(key, value)) warnings.add(place, `${NO_URL}; write "${INSTEAD}"`)
    }
  }
}

/** What a urlmap of Millrace's own cannot serve is more than a warning. Throws {@link ConfigError}. */
export function refuseUrl(key: string, { value, place }: Setting): void {
  if (isUrl(key, value)) throw new ConfigError({ ...place, message: NO_URL, expected: INSTEAD })
}

/** `http://host/path = app` is the option `http` with the value `//host/path = app`. */
function isUrl(key: string, value: string): boolean {
  return /^https?$/i.test(key) && value.startsWith('//')
}
