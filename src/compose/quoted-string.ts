/** What a quoted-string says (RFC 9110 §5.6.4); any other text as it is. */
export function unquote(text: string): string {
  return /^".*"$/s.test(text) ? text.slice(1, -1).replaceAll(/\\(.)/gs, '$1') : text
}
