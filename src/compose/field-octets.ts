import type { RequestHeaders } from '../app.ts'

/**
 * Fields as they go over a wire, each character an octet. Those of a client are so already (RFC 9110 §5.5); what a filter has set, as the name
 * of a user, may have any others, which are UTF-8 there.
 */
export function fieldOctets(headers: RequestHeaders): [name: string, value: string][] {
  return [...headers].map(([name, value]) => [name, /[^\0-\xff]/.test(value) ? Buffer.from(value).toString('latin1') : value])
}
