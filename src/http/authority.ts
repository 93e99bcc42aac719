/** The grammar of RFC 3986 §3.2.2 and §3.2.3, as far as a server hears of it: uri-host [ ":" port ], without userinfo (RFC 9110 §4.2.4). */

const H16 = '[0-9A-Fa-f]{1,4}'
const OCTET = '(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])'
const IPV4_ADDRESS = `${OCTET}(?:\\.${OCTET}){3}`
const LS32 = `(?:${H16}:${H16}|${IPV4_ADDRESS})`

/** A zone (RFC 6874) is none of these: it means something on the client's machine alone. */
const IPV6_ADDRESS = [
  `(?:${H16}:){6}${LS32}`,
  `::(?:${H16}:){5}${LS32}`,
  `(?:${H16})?::(?:${H16}:){4}${LS32}`,
  `(?:(?:${H16}:){0,1}${H16})?::(?:${H16}:){3}${LS32}`,
  `(?:(?:${H16}:){0,2}${H16})?::(?:${H16}:){2}${LS32}`,
  `(?:(?:${H16}:){0,3}${H16})?::${H16}:${LS32}`,
  `(?:(?:${H16}:){0,4}${H16})?::${LS32}`,
  `(?:(?:${H16}:){0,5}${H16})?::${H16}`,
  `(?:(?:${H16}:){0,6}${H16})?::`,
].join('|')

const UNRESERVED_OR_SUB_DELIM = "A-Za-z0-9\\-._~!$&'()*+,;="
const IPV_FUTURE = `[Vv][0-9A-Fa-f]+\\.[${UNRESERVED_OR_SUB_DELIM}:]+`

/**
 * pct-encoded: of octets beyond ASCII, for which it is there, and of unreserved characters, which it equals (§2.3). The grammar has
 * all others too, but no host has `%00` or `%2F` in its name: that is for whoever decodes it, and `new URL()` throws on it.
 */
const ESCAPE = '%(?:[89A-Fa-f][0-9A-Fa-f]|2[DdEe]|3[0-9]|[46][1-9A-Fa-f]|[57][0-9Aa]|5[Ff]|7[Ee])'

const URI_HOST = `(?:\\[(?:${IPV6_ADDRESS}|${IPV_FUTURE})\\]|(?:[${UNRESERVED_OR_SUB_DELIM}]|${ESCAPE})+)`

/** The grammar says *DIGIT; TCP says which digits. */
const PORT = '0*(?:6553[0-5]|655[0-2][0-9]|65[0-4][0-9]{2}|6[0-4][0-9]{3}|[1-5][0-9]{4}|[0-9]{1,4})'

/**
 * A Host field's value (RFC 9110 §7.2). Empty is allowed: the target then has no authority. A port without a host is not: no http URI has
 * an empty host (RFC 9110 §4.2.1).
 */
export const HOST: RegExp = new RegExp(`^(?:${URI_HOST}(?::(?:${PORT})?)?)?$`)

/** authority-form (RFC 9112 §3.2.3), only for CONNECT, which has no default port (RFC 9110 §9.3.6). */
export const AUTHORITY_FORM: RegExp = new RegExp(`^${URI_HOST}:${PORT}$`)
