import { createHmac, randomBytes } from 'node:crypto'
import type { Clock } from '../../clock.ts'
import { HttpError } from '../../errors.ts'
import { BriefCache } from '../brief-cache.ts'
import type { PasswordFile } from './password-file.ts'

export interface Credentials {
  readonly user: string
  readonly password: string
}

/** Whether a password was right. */
interface Verdict {
  readonly right: boolean
}

type Compare = (password: string, digest: string) => Promise<boolean>

const REMEMBERED = 1000
const WAITING = 16
/** Of no password; with a cost in front it takes as long to check as any. */
const NOBODY = '.'.repeat(53)

/**
 * Checks passwords. bcrypt holds the event loop for up to 100 ms at a time, so verdicts are remembered for a short time, and there is one
 * check at a time: the pieces of several would follow each other without a pause. The key of a verdict is made of
 * the password with a secret of this process, and of the digest, so that what is changed in the file counts at once.
 */
export class PasswordCheck {
  readonly #file: PasswordFile
  readonly #compare: Compare
  readonly #verdicts: BriefCache<Verdict>
  readonly #lifetime: number
  readonly #secret = randomBytes(32)
  readonly #done = (): void => {
    this.#waiting -= 1
  }
  #last: Promise<unknown> = Promise.resolve()
  #waiting = 0

  private constructor(file: PasswordFile, compare: Compare, verdicts: BriefCache<Verdict>, lifetime: number) {
    this.#file = file
    this.#compare = compare
    this.#verdicts = verdicts
    this.#lifetime = lifetime
  }

  /** @param lifetime milliseconds a verdict is remembered; 0 is not at all */
  static async make(file: PasswordFile, lifetime: number, clock: Clock): Promise<PasswordCheck> {
    const [{ compare }, verdicts] = await Promise.all([import('bcryptjs'), BriefCache.make<Verdict>(REMEMBERED, clock)])
    return new PasswordCheck(file, compare, verdicts, lifetime)
  }

  /**
   * At once when it is known. An unknown user costs what a wrong password does, so that no time tells who there is. Throws HttpError(503)
   * when too many wait.
   */
  isRight({ user, password }: Credentials): Verdict | Promise<Verdict> {
    const digest = this.#file.digestOf(user)
    const key = createHmac('sha256', this.#secret).update(`${user}\0${password}\0${digest ?? ''}`).digest('base64')
    return this.#verdicts.find(key, () => this.#queue(password, digest))
  }

  async #queue(password: string, digest: string | undefined): Promise<{ value: Verdict; lifetime: number }> {
    if (this.#waiting >= WAITING) throw new HttpError(503, 'Too many passwords are being checked.', { headers: { 'retry-after': '1' }, expose: true })
    this.#waiting += 1
    const checked = this.#last.then(() => this.#compare(password, digest ?? `$2b$${this.#file.cost}$${NOBODY}`))
    this.#last = checked.then(this.#done, this.#done)
    return { value: { right: (await checked) && digest !== undefined }, lifetime: this.#lifetime }
  }
}
