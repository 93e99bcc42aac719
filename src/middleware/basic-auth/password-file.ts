import { readFileSync, statSync, type Stats } from 'node:fs'
import type { Clock } from '../../clock.ts'
import { ConfigError } from '../../errors.ts'
import { Problems } from '../../problems.ts'

/** bcrypt's three prefixes that mean the same, a cost, and 22 and 31 characters of its base64 for salt and digest. */
const BCRYPT = /^\$2[aby]\$(0[4-9]|[12]\d|3[01])\$[./A-Za-z0-9]{53}$/
const LARGEST = 1_048_576
const EVERY = 1000

/** Users and their bcrypt digests, `name:$2b$…`, as Apache's `htpasswd -B` writes them. Read again when it has changed. */
export class PasswordFile {
  readonly #path: string
  readonly #clock: Clock
  #digests: ReadonlyMap<string, string>
  #version: string
  #lookedAt: number

  /** Throws ConfigError with the file's own lines. */
  constructor(path: string, clock: Clock) {
    this.#path = path
    this.#clock = clock
    this.#version = versionOf(statOf(path))
    this.#digests = readDigests(path)
    this.#lookedAt = clock.now()
  }

  /** Of this user. Throws ConfigError while the file cannot be used: what it said before may be what was taken back. */
  digestOf(user: string): string | undefined {
    this.#refresh()
    return this.#digests.get(user)
  }

  /** The highest cost there is, `04` to `31`; a digest of it takes as long to check as any. Where there is none, bcrypt's own 10. */
  get cost(): string {
    const costs = [...this.#digests.values()].map((digest) => digest.slice(4, 6))
    return costs.length === 0 ? '10' : costs.reduce((most, cost) => (cost > most ? cost : most))
  }

  /** Looks at the file at most once a second. */
  #refresh(): void {
    const now = this.#clock.now()
    if (now - this.#lookedAt < EVERY) return
    const version = versionOf(statOf(this.#path))
    if (version !== this.#version) this.#digests = readDigests(this.#path)
    this.#version = version
    this.#lookedAt = now
  }
}

function statOf(path: string): Stats {
  try {
    return statSync(path)
  } catch (error) {
    throw new ConfigError({ file: path, message: 'the file of passwords cannot be read' }, { cause: error })
  }
}

function versionOf({ mtimeMs, size, ino }: Stats): string {
  return `${ino} ${mtimeMs} ${size}`
}

function readDigests(path: string): Map<string, string> {
  const digests = new Map<string, string>()
  const problems = new Problems()
  for (const [index, line] of textOf(path).split('\n').entries()) {
    const problem = readLine(line.trim(), digests)
    if (problem !== undefined) problems.add(new ConfigError({ file: path, line: index + 1, message: problem }))
  }
  problems.throwAny()
  return digests
}

/** What is wrong with it. Never says what stands there: it may be a password. */
function readLine(line: string, digests: Map<string, string>): string | undefined {
  if (line === '' || line.startsWith('#')) return undefined
  const [, user, digest = ''] = /^([^:]+):(.*)$/.exec(line) ?? []
  if (user === undefined) return 'is not a user and a digest, as in name:$2b$…'
  if (!BCRYPT.test(digest)) return `the digest of ${user} is not one of bcrypt, the only kind there is here`
  if (digests.has(user)) return `${user} stands here a second time`
  digests.set(user, digest)
  return undefined
}

function textOf(path: string): string {
  if (statOf(path).size > LARGEST) throw new ConfigError({ file: path, message: 'the file of passwords is too large', expected: 'at most 1 MiB' })
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new ConfigError({ file: path, message: 'the file of passwords cannot be read' }, { cause: error })
  }
}
