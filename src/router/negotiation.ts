import type { App, HttpReply, HttpRequest } from '../app.ts'
import { HttpError } from '../errors.ts'
import { after } from '../middleware/after.ts'
import { rescue } from '../middleware/rescue.ts'
import { addVary } from '../middleware/vary.ts'
import { ApiVersion, includes, setVersion, versionRange, type VersionRange } from './api-version.ts'

/** The API versions a router speaks ("Microversion Specification" of OpenStack's API special interest group). */
export interface VersionOptions {
  /** The service's type, the first word in `OpenStack-API-Version: compute 2.79`. */
  readonly service: string
  /** The version of a request that asks for none, and the oldest that is spoken. */
  readonly min: string
  /** `latest`, and the newest that is spoken. */
  readonly max: string
  /** A field that has the version only, as nova's `X-OpenStack-Nova-API-Version`; it is read where the other says nothing. */
  readonly legacyHeader?: string
}

interface Negotiation {
  readonly service: string
  readonly range: VersionRange
  readonly legacyHeader: string | undefined
  /** The fields the version depends on. */
  readonly vary: readonly string[]
}

type Fields = NonNullable<HttpReply['headers']>

const HEADER = 'OpenStack-API-Version'
const FIELD = HEADER.toLowerCase()

/**
 * Finds each request's version before `app` gets it, and tells it in the reply. What is refused here: 400 for a version that is none,
 * 406 for one that is not spoken, with those that are. Throws Error for options that are none.
 */
export function negotiateVersion(options: VersionOptions, app: App): App {
  const negotiation = negotiationOf(options)
  return (request) => {
    const version = chooseVersion(request, negotiation)
    setVersion(request, version)
    const fields = fieldsOf(version, negotiation)
    return tellVersion(app, request, (headers) => {
      const told: Fields = { ...headers, ...fields }
      for (const name of negotiation.vary) addVary(told, name)
      return told
    })
  }
}

function negotiationOf({ service, min, max, legacyHeader }: VersionOptions): Negotiation {
  return {
    service: service.toLowerCase(),
    range: versionRange(min, max),
    legacyHeader: legacyHeader?.toLowerCase(),
    vary: legacyHeader === undefined ? [HEADER] : [HEADER, legacyHeader],
  }
}

function chooseVersion({ headers }: HttpRequest, negotiation: Negotiation): ApiVersion {
  const { service, range, legacyHeader, vary } = negotiation
  const legacy = legacyHeader === undefined ? null : headers.get(legacyHeader)
  const asked = askedFor(headers.get(FIELD), service) ?? splitList(legacy ?? '').at(-1)
  if (asked === undefined) return range.first
  if (asked.toLowerCase() === 'latest') return range.last
  const version = ApiVersion.parse(asked)
  if (version === undefined) throw new HttpError(400, `"${asked}" is no API version.`, { headers: { vary: vary.join(', ') } })
  if (!includes(range, version)) throw notSpoken(version, negotiation)
  return version
}

/** A field's comma-separated members (RFC 9110 §5.6.1). */
function splitList(field: string): string[] {
  return field
    .split(',')
    .map((member) => member.trim())
    .filter((member) => member !== '')
}

/** What the field asks of this service; of several wishes the last counts, as in OpenStack's own reading. */
function askedFor(field: string | null, service: string): string | undefined {
  if (field === null) return undefined
  const wishes = splitList(field).map((wish) => wish.split(/\s+/))
  const wish = wishes.findLast(([name = '']) => name.toLowerCase() === service)
  return wish?.slice(1).join(' ')
}

function notSpoken(version: ApiVersion, { range, vary }: Negotiation): HttpError {
  const [min, max] = [range.first.text, range.last.text]
  return new HttpError(406, `API version ${version.text} is not supported; the versions from ${min} to ${max} are.`, {
    headers: { vary: vary.join(', ') },
    problem: { min_version: min, max_version: max },
  })
}

function fieldsOf(version: ApiVersion, { service, legacyHeader }: Negotiation): Record<string, string> {
  const legacy = legacyHeader === undefined ? {} : { [legacyHeader]: version.text }
  return { [FIELD]: `${service} ${version.text}`, ...legacy }
}

/** The HttpErrors too, as what they say may be of this version only. */
function tellVersion(app: App, request: HttpRequest, tell: (headers: Fields) => Fields): ReturnType<App> {
  const fail = (error: unknown): never => {
    throw error instanceof HttpError ? withHeaders(error, tell(error.headers)) : error
  }
  return after(rescue(app, request, fail), (reply) => Object.assign(reply, { headers: tell(reply.headers ?? {}) }), request)
}

/** Not the error itself, which may be one that an app throws each time. */
function withHeaders(error: HttpError, headers: Fields): HttpError {
  const { status, message, expose, problem } = error
  return new HttpError(status, message, { expose, problem, headers: headers as Record<string, string>, cause: error })
}
