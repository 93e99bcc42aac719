import type { App, HttpRequest } from '../../app.ts'

/** An app at a place in the path. The prefix has no slash at its end and is `` for the root. */
export interface Mount {
  readonly prefix: string
  readonly app: App
}

/** The two apps one prefix may have: `/v2`, and `/v2/+` for what lies below it. */
interface Place {
  at?: Mount
  below?: Mount
}

const SLASH = 0x2f

/**
 * Prefixes of paths, each with an app; the longest that ends at a segment's end wins, so that `/v20` is not below `/v2`.
 * A find costs one hash look-up for each *length* a prefix has, whatever their number.
 */
export class PathTable {
  readonly #places = new Map<string, Place>()
  #lengths: readonly number[] = []

  /**
   * Adds `app` at `pattern`, which starts with `/`. `/v2` and `/v2/` are the same place, the later app replaces the earlier.
   * `/v2/+` takes what has something after `/v2/`, as in nova's urlmap, and leaves `/v2` and `/v2/` to the app at `/v2`.
   */
  add(pattern: string, app: App): void {
    const path = collapseSlashes(pattern)
    const below = path.endsWith('/+')
    const prefix = encodePrefix(below ? path.slice(0, -2) : path.replace(/\/$/, ''))
    const place = this.#places.get(prefix) ?? {}
    place[below ? 'below' : 'at'] = { prefix, app }
    this.#places.set(prefix, place)
    this.#lengths = [...new Set([...this.#lengths, prefix.length])].toSorted((a, b) => b - a)
  }

  /** The mount for a raw path. */
  find(path: string): Mount | undefined {
    for (const length of this.#lengths) {
      if (!endsSegment(path, length)) continue
      const place = this.#places.get(path.slice(0, length))
      const mount = path.length > length + 1 ? (place?.below ?? place?.at) : place?.at
      if (mount !== undefined) return mount
    }
    return undefined
  }
}

function endsSegment(path: string, length: number): boolean {
  return path.length === length || path.charCodeAt(length) === SLASH
}

/** `//` counts as `/` when mounts are looked for (Paste's urlmap). */
export function collapseSlashes(path: string): string {
  return path.includes('//') ? path.replace(/\/\/+/g, '/') : path
}

/** As a request's raw path has it: `é` is `%C3%A9`, `%7E` is `~`, `%c3` is `%C3`; what else is encoded already stays (RFC 3986 §6.2.2). */
export function encodePrefix(prefix: string): string {
  return encodeURI(prefix).replace(/%25([0-9a-f]{2})/gi, (_, hex: string) => {
    const character = String.fromCharCode(Number.parseInt(hex, 16))
    return /[\w\-.~]/.test(character) ? character : `%${hex.toUpperCase()}`
  })
}

/** Moves the mount's prefix from `path` to the script name, as WSGI says, and calls its app. */
export function enterMount(request: HttpRequest, path: string, mount: Mount): ReturnType<App> {
  request.rawScriptName += mount.prefix
  request.rawPathInfo = path.slice(mount.prefix.length)
  return mount.app(request)
}
