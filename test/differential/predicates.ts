import { METHODS } from 'node:http'
import { type Difference, isRefusal } from './difference.ts'
import type { ReadRequest } from './reading.ts'

/** What the rows of the table ask of a difference. */

/** Millrace refuses for one of these what node:http has read, or still reads. */
export function refusedFor(difference: Difference, ...names: string[]): boolean {
  const { ours, theirs } = difference
  return typeof ours === 'string' && names.includes(ours) && !isRefusal(theirs) && !stoppedForUpgrade(difference)
}

/** node:http refuses a message that Millrace has read, for what is in the message. */
export function onlyNodeRefuses({ ours, theirs }: Difference): boolean {
  return typeof ours !== 'string' && isRefusal(theirs) && theirs !== 'HPE_CLOSED_CONNECTION' && theirs !== 'answered 417'
}

export function stoppedForUpgrade({ ours, theirs, before }: Difference): boolean {
  return ours !== 'waiting' && theirs === 'waiting' && /^upgrade: /m.test(before?.fields ?? '')
}

export function hasProxyConnection(difference: Difference): boolean {
  return /^Proxy-Connection:/im.test(headOf(difference))
}

export function nodeRefusesFor(difference: Difference, ...codes: string[]): boolean {
  return (
    onlyNodeRefuses(difference) &&
    codes.some((code) => code === difference.theirs) &&
    isKnownMethod(difference) &&
    / HTTP\/1\.[01]\r$/.test(lineOf(difference))
  )
}

export function isKnownMethod(difference: Difference): boolean {
  return METHODS.includes(lineOf(difference).split(' ', 1)[0] ?? '')
}

export function differOnlyInPersistence({ ours, theirs }: Difference): boolean {
  if (typeof ours === 'string' || typeof theirs === 'string') return false
  return (Object.keys(ours) as (keyof ReadRequest)[]).every((part) => (part === 'persistent') !== (ours[part] === theirs[part]))
}

export function headOf({ text }: Difference): string {
  return text.slice(0, text.indexOf('\r\n\r\n', 2) + 2)
}

export function bodyOf({ text }: Difference): string {
  return text.slice(text.indexOf('\r\n\r\n', 2) + 4)
}

export function lineOf({ text }: Difference): string {
  return text.replace(/^\r\n/, '').split('\n', 1)[0] ?? ''
}

export function connectionOf({ ours }: Difference): string {
  return typeof ours === 'string' ? '' : (/^connection: .*$/m.exec(ours.fields)?.[0] ?? '')
}
