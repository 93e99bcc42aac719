import { readFileSync } from 'node:fs'
import type { Echo } from './response.ts'

/** Octets to write: `repeat` times, in pieces of `slice` octets, after `delay_ms`; with `slice` the delay is between the pieces. */
export interface SendStep {
  readonly b64: string
  readonly repeat?: number
  readonly slice?: number
  readonly delay_ms?: number
}

/** What a client does next: write, wait a time, wait for so many answers or for 100 (Continue), close its half, reset. */
export type Step =
  | SendStep
  | { readonly pause: number }
  | { readonly wait: number }
  | { readonly wait100: true }
  | { readonly fin: true }
  | { readonly rst: true }

/** What must come of it; README.md says what each field means. */
export interface Expectation {
  readonly status: readonly number[]
  readonly each?: ReadonlyArray<readonly number[]>
  readonly close: boolean | null
  readonly responses: number | null
  readonly body?: Echo
  readonly bodies?: readonly number[]
  readonly order?: ReadonlyArray<string | null>
  readonly paths?: readonly string[]
  readonly noBody?: readonly number[]
  readonly connect?: true
  readonly noTE?: true
  readonly header10?: true
  readonly wantClose?: true
  readonly date?: true
  readonly forbidHeader?: readonly string[]
  readonly interim100?: 'must' | 'any' | 'mustnot'
  readonly reconnect?: true
  readonly note: string
}

/** What one client sends, and what must come of it. */
export interface Case {
  readonly id: string
  readonly source: string
  readonly category: string
  readonly level: string
  readonly send: readonly Step[]
  readonly expect: Expectation
}

/** All of cases.json. */
export function readCases(): Case[] {
  return JSON.parse(readFileSync(new URL('cases.json', import.meta.url), 'utf8')) as Case[]
}

/** The octets of a step. */
export function octetsOf({ b64, repeat = 1 }: SendStep): Buffer {
  const once = Buffer.from(b64, 'base64')
  return repeat === 1 ? once : Buffer.concat(Array.from({ length: repeat }, () => once))
}

/** The message must be incomplete for ever: nothing may be answered, nothing closed. */
export function mustWait({ responses, close }: Expectation): boolean {
  return responses === 0 && close === false
}
