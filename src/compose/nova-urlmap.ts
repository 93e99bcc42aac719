import type { App, CompositeFactory, HttpReply, HttpRequest } from '../app.ts'
import { Preferences, type Preference } from './nova-urlmap/preferences.ts'
import { HostTable } from './urlmap/host-table.ts'
import { parseMediaRange } from './media-ranges.ts'
import { mountingFactory } from './urlmap/mounting-factory.ts'
import { missMount } from './urlmap/not-found.ts'
import { collapseSlashes, enterMount, type Mount } from './urlmap/path-table.ts'

type Answer = HttpReply | Promise<HttpReply>

const JSON_TYPE = 'application/json'
/** nova.api.openstack.wsgi's. */
const SUPPORTED: readonly string[] = [JSON_TYPE, 'application/vnd.openstack.compute+json']
/** What lists versions may answer with a feed of them. */
const SUPPORTED_BY_INDEX: readonly string[] = [...SUPPORTED, 'application/atom+xml']

/**
 * Sends each request to the app of the API's version it asks for, as nova's urlmap does: by the longest prefix of its path (`/v2.1`), else by
 * `version` in Content-Type or Accept (`application/json;version=2.1` is the app at `/v2.1`), else to the app at the root. A prefix moves from
 * the path info to the script name; the mount of a version is only added to the script name.
 *
 * `environ['nova.best_content_type']` is the type to answer with: that of the path's suffix (`.json`), else what Accept prefers, else JSON.
 */
export class NovaURLMap {
  readonly #mounts = new HostTable()
  readonly #preferences = new Preferences(SUPPORTED)
  readonly #indexPreferences = new Preferences(SUPPORTED_BY_INDEX)
  readonly #notFound: App

  /** `notFound` answers what no mount matches; without one it is a 404, which does not tell what is mounted. */
  constructor(notFound?: App) {
    this.#notFound = missMount(notFound)
  }

  /**
   * Mounts `app` at a path expression. `/v2/+` takes what has something after `/v2/`, so that the versions document at `/v2` can be another app.
   * @throws ConfigError when the expression cannot be read.
   */
  add(expression: string, app: App): void {
    this.#mounts.add(expression, app)
  }

  readonly app: App = (request) => {
    if (request.rawPathInfo === '*') return this.#notFound(request)
    const path = collapseSlashes(request.rawPathInfo)
    const mount = this.#mounts.find(request, path)
    const preference = this.#preferenceOf(request, path, mount?.prefix ?? '')
    if (mount === undefined || mount.prefix === '') return this.#byVersion(request, path, mount, preference)
    return enterAs(request, path, mount, typeOf(path, preference))
  }

  /** `root` is the mount that takes what asks for no version. */
  #byVersion(request: HttpRequest, path: string, root: Mount | undefined, preference: Preference | null): Answer {
    const contentType = request.headers.get('content-type')
    const asked = contentType === null ? undefined : this.#mountOf(parseMediaRange(contentType), request)
    const mount = asked ?? (preference === null ? undefined : this.#mountOf(preference, request))
    if (mount !== undefined) return enterVersion(request, mount, typeOf(path, preference))
    return root === undefined ? this.#notFound(request) : enterAs(request, path, root, typeOf(path, preference))
  }

  /** An API's index may be wanted as a feed. */
  #preferenceOf({ headers }: HttpRequest, path: string, prefix: string): Preference | null {
    const isIndex = path.length === prefix.length + 1
    return (isIndex ? this.#indexPreferences : this.#preferences).of(headers.get('accept'))
  }

  #mountOf({ params }: Pick<Preference, 'params'>, request: HttpRequest): Mount | undefined {
    const version = params.get('version')
    return version === undefined ? undefined : this.#mounts.find(request, `/v${version}`)
  }
}

function enterAs(request: HttpRequest, path: string, mount: Mount, type: string): Answer {
  request.environ['nova.best_content_type'] = type
  return enterMount(request, path, mount)
}

function enterVersion(request: HttpRequest, mount: Mount, type: string): Answer {
  request.environ['nova.best_content_type'] = type
  request.rawScriptName += mount.prefix
  return mount.app(request)
}

function typeOf(path: string, preference: Preference | null): string {
  return suffixType(path) ?? preference?.type ?? JSON_TYPE
}

function suffixType(path: string): string | undefined {
  const dot = path.lastIndexOf('.')
  if (dot === -1) return undefined
  const type = `application/${path.slice(dot + 1)}`
  return SUPPORTED.find((known) => known === type)
}

/**
 * nova's urlmap: `egg:millrace#nova_urlmap`, or by its own name. The keys and `not_found_app` are those of `egg:Paste#urlmap`; what it does
 * with Content-Type and Accept says {@link NovaURLMap}.
 *
 * ```ini
 * [composite:osapi_compute]
 * use = call:nova.api.openstack.urlmap:urlmap_factory
 * /: oscomputeversions
 * /v2.1: oscomputeversion_v2
 * /v2.1/+: openstack_compute_api_v21
 * ```
 *
 * Where it is not nova's: what is said of `egg:Paste#urlmap`; types and names of parameters match in any case (RFC 9110 §8.3.1); a mount
 * at `/v` comes before `/+` also when both are as long.
 */
export const novaUrlmapFactory: CompositeFactory = mountingFactory(NovaURLMap)
