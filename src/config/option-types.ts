import { isIP } from 'node:net'
import { resolve } from 'node:path'
import { isNetwork } from '../networks.ts'

/** What each type of option becomes: times in seconds, sizes in bytes, rates in bytes per second. */
export interface OptionValues {
  string: string
  boolean: boolean
  integer: number
  port: number
  seconds: number
  bytes: number
  rate: number
  list: readonly string[]
  /** Of addresses. */
  networks: readonly string[]
  enum: string
  /** Permission bits. */
  mode: number
  /** Absolute. */
  path: string
  /** The name of a file that is searched for; absolute or relative. */
  file: string
  /** An IP address without brackets, a host name, or `unix:` and an absolute path. */
  address: string
}

export type OptionType = keyof OptionValues

/** What a row of the option table may narrow its type to. */
export interface OptionLimits {
  readonly type: OptionType
  readonly min?: number
  readonly max?: number
  readonly choices?: readonly string[]
}

/** Timers of Node take at most 2^31 - 1 milliseconds and fire at once for more. */
const LONGEST = 2_147_483

const SECONDS = new Map([['', 1], ['ms', 1 / 1000], ['s', 1], ['m', 60], ['h', 3600]])
const BYTES = new Map([
  ['', 1], ['b', 1],
  ['kb', 1e3], ['mb', 1e6], ['gb', 1e9],
  ['k', 2 ** 10], ['m', 2 ** 20], ['g', 2 ** 30],
  ['kib', 2 ** 10], ['mib', 2 ** 20], ['gib', 2 ** 30],
])
const RATES = new Map([...BYTES].flatMap(([unit, bytes]): [string, number][] => [[unit, bytes], [`${unit}/s`, bytes]]))

const HOST_NAME = /^(?!.*\.\d+\.?$)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*\.?$/i

/** Undefined for a text that is none of its type. */
type Reader<T> = (text: string, limits: OptionLimits, base: string) => T | undefined
type Kind<T> = readonly [expected: string, read: Reader<T>]

const BOOLEANS = new Map([['1', true], ['yes', true], ['true', true], ['on', true], ['0', false], ['no', false], ['false', false], ['off', false]])

const KINDS: { readonly [K in OptionType]: Kind<OptionValues[K]> } = {
  string: ['one line of text', (text) => (text.includes('\n') ? undefined : text)],
  boolean: ['true or false', (text) => BOOLEANS.get(text.toLowerCase())],
  integer: ['a whole number', (text, limits) => whole(within(/^\d+$/.test(text) ? Number(text) : Number.NaN, limits))],
  port: ['a port, 0 to 65535', (text) => (/^\d+$/.test(text) ? within(Number(text), { max: 65_535 }) : undefined)],
  seconds: ['seconds, or a time such as 250ms, 30s, 5m or 2h', (text, limits) => within(quantity(text, SECONDS), { max: LONGEST, ...limits })],
  bytes: ['bytes, or a size such as 64k, 1 MB or 1 MiB', (text, limits) => whole(within(quantity(text, BYTES), limits))],
  rate: ['bytes per second, such as 500 or 1 KiB/s', (text, limits) => whole(within(quantity(text, RATES), limits))],
  list: ['names separated by commas', (text) => text.split(/[\s,]+/).filter(Boolean)],
  networks: ['addresses and networks, such as 10.0.0.0/8, ::1 or unix, separated by commas', (text) => networks(text)],
  enum: ['', (text, { choices = [] }) => (choices.includes(text) ? text : undefined)],
  mode: ['permissions in octal, such as 0660', (text) => (/^(0o?)?[0-7]{3}$/.test(text) ? parseInt(text.slice(-3), 8) : undefined)],
  path: ['a path', (text, _, base) => (text === '' ? undefined : resolve(base, text))],
  file: ['a file name', (text) => text || undefined],
  address: ['an IP address, a host name or unix:/path', (text, _, base) => readAddress(text, base)],
}

/** Reads a value; undefined when it is none of its type. Relative paths are taken from the directory `base`. */
export function readValue(limits: OptionLimits, text: string, base: string): OptionValues[OptionType] | undefined {
  const [, read] = KINDS[limits.type]
  return read(text, limits, base)
}

/** What {@link readValue} takes, in words. */
export function describeExpected({ type, min, max, choices = [] }: OptionLimits): string {
  if (type === 'enum') return `one of ${choices.join(', ')}`
  const bounds = [min === undefined ? [] : [`at least ${min}`], max === undefined ? [] : [`at most ${max}`]].flat()
  return [KINDS[type][0], ...bounds].join(', ')
}

/** The words that {@link readValue} takes, where it takes words. */
export function validWords({ type, choices = [] }: OptionLimits): Iterable<string> {
  return type === 'boolean' ? BOOLEANS.keys() : choices
}

/** As an operator would write it; nothing for an option that is not set. */
export function formatValue(type: OptionType, value: OptionValues[OptionType] | null): string {
  if (value === null) return ''
  if (typeof value === 'object') return value.join(', ')
  return type === 'mode' ? value.toString(8).padStart(4, '0') : String(value)
}

function networks(text: string): string[] | undefined {
  const names = text.split(/[\s,]+/).filter(Boolean)
  return names.every(isNetwork) ? names : undefined
}

function within(value: number, { min = 0, max = Number.MAX_SAFE_INTEGER }: { min?: number; max?: number }): number | undefined {
  return value >= min && value <= max ? value : undefined
}

function whole(value: number | undefined): number | undefined {
  return Number.isInteger(value) ? value : undefined
}

/** A number and one of the units, in any case; NaN for anything else. Fifteen digits, so that 1.1 GB is a whole number of bytes. */
function quantity(text: string, units: ReadonlyMap<string, number>): number {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?)\s*([a-z/]*)$/i.exec(text) ?? []
  const value = Number(number) * (units.get(unit.toLowerCase()) ?? Number.NaN)
  return Number(value.toPrecision(15))
}

function readAddress(text: string, base: string): string | undefined {
  const [, path] = /^unix:(.+)$/.exec(text) ?? []
  if (path !== undefined) return `unix:${resolve(base, path)}`
  const [, bracketed] = /^\[(.*:.*)\]$/.exec(text) ?? []
  const address = bracketed ?? text
  return isIP(address) !== 0 || (bracketed === undefined && HOST_NAME.test(address)) ? address : undefined
}
