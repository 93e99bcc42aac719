import type { HttpRequest } from '../app.ts'

/** Two numbers, as OpenStack's services write them: no leading zeros, and a first one that is not 0. */
const SYNTAX = /^([1-9]\d{0,8})\.(0|[1-9]\d{0,8})$/

/** The key of `request.environ` that has the negotiated version. */
const KEY = 'millrace.api_version'

/** An API version, `2.79`: 2.9 is before it. */
export class ApiVersion {
  readonly major: number
  readonly minor: number

  private constructor(major: number, minor: number) {
    this.major = major
    this.minor = minor
  }

  /** Undefined for what is no version. */
  static parse(text: string): ApiVersion | undefined {
    const match = SYNTAX.exec(text)
    return match === null ? undefined : new ApiVersion(Number(match[1]), Number(match[2]))
  }

  /** For versions in code. Throws Error for what is none. */
  static of(text: string): ApiVersion {
    const version = ApiVersion.parse(text)
    if (version === undefined) throw new Error(`"${text}" is no API version; one is written as 2.1.`)
    return version
  }

  /** Negative when this one is before `other`, positive when it is after it. */
  compare(other: ApiVersion): number {
    return this.major - other.major || this.minor - other.minor
  }

  /** True from `text` on. Throws Error when that is no version. */
  atLeast(text: string): boolean {
    return this.compare(ApiVersion.of(text)) >= 0
  }

  /** As it is written. */
  get text(): string {
    return `${this.major}.${this.minor}`
  }

  toString(): string {
    return this.text
  }
}

/** From `first` to `last`, both included. */
export interface VersionRange {
  readonly first: ApiVersion
  readonly last: ApiVersion
}

/** Throws Error when a version is none, or the last is before the first. */
export function versionRange(first: string, last: string): VersionRange {
  const range = { first: ApiVersion.of(first), last: ApiVersion.of(last) }
  if (range.first.compare(range.last) > 0) throw new Error(`the versions ${first} to ${last} are none: the first is after the last.`)
  return range
}

export function includes({ first, last }: VersionRange, version: ApiVersion): boolean {
  return first.compare(version) <= 0 && version.compare(last) <= 0
}

export function overlap(a: VersionRange, b: VersionRange): boolean {
  return a.first.compare(b.last) <= 0 && b.first.compare(a.last) <= 0
}

/** The version a router with `versions` answers this request in. Throws Error when no such router has had it. */
export function versionOf({ environ }: HttpRequest): ApiVersion {
  const version = environ[KEY]
  if (version === undefined) throw new Error('The request has no API version: it came through no router that has the option versions.')
  return version as ApiVersion
}

export function setVersion({ environ }: HttpRequest, version: ApiVersion): void {
  environ[KEY] = version
}
