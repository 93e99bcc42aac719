import type { HttpReply } from '../app.ts'
import { asList } from './converters.ts'

type Headers = NonNullable<HttpReply['headers']>

/** Says that the reply depends on this field of the request (RFC 9110 §12.5.5), unless it says so already. */
export function addVary(headers: Headers, field: string): void {
  const names = asList(String(headers['vary'] ?? ''))
  if (!names.some((name) => name === '*' || name.toLowerCase() === field.toLowerCase())) headers['vary'] = [...names, field].join(', ')
}
