/** `ssl_key_file` and `token_ttl` are none, nor is a mount at `/secrets`. */
const SECRET_NAME = /^[^/]*(?:passw(?:or)?d|passphrase|secret|credential)|(?:^|[_.-]|auth|api)(?:keys?|pass|pin|tokens?)$/i
const PATH = /^(?:\.{0,2}|~)\/\S*$/
/** `scheme://user:password@host` */
const PASSWORD_IN_URL = /(:\/\/[^\s:/@]*:)[^\s/@]+@/g

const MASK = '***'

/** The value as it may be shown: by its name a secret is masked, unless its value is a path, and so are the passwords in URLs. */
export function maskSecret(name: string, value: string): string {
  if (value !== '' && SECRET_NAME.test(name) && !PATH.test(value)) return MASK
  return value.replace(PASSWORD_IN_URL, `$1${MASK}@`)
}
