/**
 * RFC 3986 §6.2.2: unreserved characters need no escape, so `%76` and `v` are one; the hex digits of the others are upper-case.
 * What is reserved stays as it came: `%2F` is not a `/`.
 */
export function normalizePath(path: string): string {
  return path.replace(/%[0-9A-Fa-f]{2}/g, (escape) => {
    const character = String.fromCharCode(Number.parseInt(escape.slice(1), 16))
    return /[A-Za-z0-9\-._~]/.test(character) ? character : escape.toUpperCase()
  })
}

/** Percent-decoded as UTF-8; what is not valid stays encoded, for the app to refuse. */
export function decodePath(path: string): string {
  if (!path.includes('%')) return path
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}

/** The path with every character that has no place in a path escaped (RFC 3986 §3.3). */
export function encodePath(path: string): string {
  return path.replace(/[^A-Za-z0-9\-._~!$&'()*+,;=:@/]+/g, encodeURIComponent)
}
