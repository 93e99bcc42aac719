import type { HttpReply } from '../app.ts'
import { asList } from './converters.ts'

type Headers = NonNullable<HttpReply['headers']>

/** Says that the reply depends on this field of the request (RFC 9110 §12.5.5), unless it says so already. */
export function addVary(headers: Headers, field: string): void {
  const before = [headers['vary'] ?? []].flat().join(', ')
  const names = asList(before.toLowerCase())
  if (!names.includes('*') && !names.includes(field.toLowerCase())) headers['vary'] = before === '' ? field : `${before}, ${field}`
}
