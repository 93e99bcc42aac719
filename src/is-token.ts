/** A token (RFC 9110 §5.6.2): the name of a field, a method. */
export function isToken(text: string): boolean {
  return /^[\w!#$%&'*+\-.^`|~]+$/.test(text)
}
