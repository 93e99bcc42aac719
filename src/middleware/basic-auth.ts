import type { App, Conf, Filter, FilterFactory, HttpReply, HttpRequest } from '../app.ts'
import { systemClock, type Clock } from '../clock.ts'
import { ConfigError, HttpError } from '../errors.ts'
import { pathFrom } from './conf-file.ts'
import { asCount, asText, readOptions, type OptionTable } from './converters.ts'
import { dropIdentity } from './identity-fields.ts'
import { PasswordCheck, type Credentials } from './basic-auth/password-check.ts'
import { PasswordFile } from './basic-auth/password-file.ts'

interface Options {
  auth_file: string
  http_basic_auth_user_file: string
  realm: string
  cache_time: number
}

const OPTIONS: OptionTable<Options> = {
  auth_file: [asText, ''],
  http_basic_auth_user_file: [asText, '/etc/htpasswd'],
  realm: [asRealm, 'API'],
  cache_time: [asCount, 60],
}

/**
 * Lets in who has a name and a password (RFC 7617), as oslo.middleware's basic_auth does; others get 401. The app finds the name in
 * X-User and X-User-Name, and in `request.environ.REMOTE_USER`. Whatever the client itself says of who it is, X-Roles and the like, is
 * taken out, and so is Authorization.
 *
 * - `auth_file`: lines of `name:digest` as `htpasswd -B` writes them: bcrypt only. Relative to the INI file. It is looked at once a second,
 *   and read again when it has changed; while it cannot be used every request gets 503, and the log says which line is wrong. Replace it
 *   by renaming another one. `http_basic_auth_user_file` is oslo's name for the same; default `/etc/htpasswd`.
 * - `realm`: what the browser shows; default `API`.
 * - `cache_time`: seconds a checked password is remembered, default 60; 0 checks each time.
 *
 * ```ini
 * [filter:basic_auth]
 * use = egg:millrace#basic_auth
 * auth_file = users.htpasswd
 * ```
 *
 * A check takes 90 ms of this process's time at bcrypt's cost of 10, and twice that for each one more, in pieces of at most 100 ms, between
 * which other requests are answered. Checks wait for each other, 16 at most, beyond which the answer is 503: put `rate_limit` before this
 * filter. Give all digests one cost: an unknown name takes as long as the highest there is. Use it by https only: the password comes with
 * each request.
 */
export const basicAuth: FilterFactory = (globalConf, localConf) => makeBasicAuth(globalConf, localConf, systemClock)

/** {@link basicAuth} by another clock. */
export async function makeBasicAuth(globalConf: Conf, localConf: Conf, clock: Clock): Promise<Filter> {
  const options = readOptions(localConf, OPTIONS)
  const path = pathFrom(globalConf, options.auth_file || options.http_basic_auth_user_file)
  const check = await PasswordCheck.make(new PasswordFile(path, clock), options.cache_time * 1000, clock)
  const headers = { 'www-authenticate': `Basic realm="${options.realm}", charset="UTF-8"` }
  const refuse = (): never => {
    throw new HttpError(401, 'A name and a password are needed.', { headers })
  }
  return (next) => (request) => {
    const credentials = readCredentials(request.headers.get('authorization')) ?? refuse()
    const verdict = ask(check, credentials)
    const pass = ({ right }: { right: boolean }): ReturnType<App> => (right ? enter(next, request, credentials.user) : refuse())
    return verdict instanceof Promise ? verdict.then(pass) : pass(verdict)
  }
}

/** The operator reads what is wrong with the file in the log; the client does not. */
function ask(check: PasswordCheck, credentials: Credentials): ReturnType<PasswordCheck['isRight']> {
  try {
    return check.isRight(credentials)
  } catch (error) {
    throw new HttpError(503, `Nobody can be let in. ${String(error)}`, { cause: error })
  }
}

function enter(next: App, request: HttpRequest, user: string): HttpReply | Promise<HttpReply> {
  dropIdentity(request.headers)
  request.headers.delete('authorization')
  request.headers.set('x-user', user)
  request.headers.set('x-user-name', user)
  request.environ['REMOTE_USER'] = user
  return next(request)
}

/** RFC 7617 §2: base64 of name, colon and password, in UTF-8 as the challenge asks for, and without control characters. */
function readCredentials(field: string | null): Credentials | null {
  const [, token] = /^basic +([A-Za-z0-9+/]+={0,2})$/i.exec(field?.trim() ?? '') ?? []
  if (token === undefined) return null
  const text = Buffer.from(token, 'base64').toString('utf8')
  const [, user, password] = /^([^:]*):(.*)$/s.exec(text) ?? []
  return user === undefined || password === undefined || /[\p{Cc}\ufffd]/u.test(text) ? null : { user, password }
}

function asRealm(value: string, option: string): string {
  if (/^[^"\\\p{Cc}]*$/u.test(value) && /^[\x20-\x7e]*$/.test(value)) return value
  throw new ConfigError({ message: 'is no realm', option, value, expected: 'printable ASCII without quotes and backslashes' })
}
