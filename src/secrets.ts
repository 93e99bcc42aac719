/** `ssl_key_file`, `token_ttl` and `max_keys` are none, nor is a mount at `/secrets`. */
const SECRET_NAME = /^(?!max_)(?:[^/]*(?:passw(?:or)?d|passphrase|pwd$|secret|credential)|(?:.*(?:[_.-]|auth|api))?(?:keys?|pass|pin|tokens?)$)/i
/** Base64 may begin with `/` too, and mostly ends with `=`. */
const PATH = /^(?:\.{0,2}|~)\/[^\s+=]*$/
const PASSWORD_NAME = /passw|passphrase|pwd/i
const FILE_NAME = /file|path|dir/i
/** `scheme://user:password@host`. Passwords have an `@` of their own, and oslo.messaging's URLs several hosts, so all up to the last one is taken. */
const PASSWORD_IN_URL = /(:\/\/[^\s:/@]*:)[^\s/]+@/g

const MASK = '***'

/** The value as it may be shown: by its name a secret is masked, unless its value is a path, and so are the passwords in URLs. */
export function maskSecret(name: string, value: string): string {
  if (value !== '' && SECRET_NAME.test(name) && !isPlace(name, value)) return MASK
  return value.replace(PASSWORD_IN_URL, `$1${MASK}@`)
}

/** Keys and tokens are often named by their file. A password is one where the name says so. */
function isPlace(name: string, value: string): boolean {
  return PATH.test(value) && (!PASSWORD_NAME.test(name) || FILE_NAME.test(name))
}
