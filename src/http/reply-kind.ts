import type { HttpReply } from '../app.ts'
import { isPlain } from '../is-plain.ts'

const KEYS: ReadonlySet<string> = new Set<keyof HttpReply>(['status', 'statusText', 'headers', 'body'])

/**
 * Throws TypeError for what is no reply. There is one kind, so that no filter needs two branches. One that says nothing is an empty 200, but
 * a Map, a list, or what was meant as the body, would be one as well.
 */
export function checkReply(reply: HttpReply): void {
  const given: unknown = reply
  if (typeof given !== 'object' || given === null) throw noReply(String(given))
  // Only then: `Response` loads all of fetch when it is first named.
  if (Object.getPrototypeOf(given) !== Object.prototype && given instanceof Response) throw noReply('a WHATWG Response')
  const { status, headers, body } = reply
  if (status === undefined && headers === undefined && body === undefined) checkNothing(given)
}

function checkNothing(given: object): void {
  if (!isPlain(given) || !Object.keys(given).every((key) => KEYS.has(key))) throw noReply(Object.prototype.toString.call(given))
}

function noReply(what: string): TypeError {
  return new TypeError(`the app answered with ${what}, which is not a reply`)
}
