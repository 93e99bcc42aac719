import { createWriteStream, writeFileSync } from 'node:fs'
import type { Profiler } from 'node:inspector'
import { Session } from 'node:inspector/promises'
import { monitorEventLoopDelay, performance } from 'node:perf_hooks'
import { pipeline } from 'node:stream/promises'
import { getHeapSnapshot, getHeapStatistics, queryObjects } from 'node:v8'
import type { Clock } from '../clock.ts'
import type { ServiceBase, WorkItem } from './service-base.ts'

/** How they are called, and what they do: `.help` shows this. */
const HELP = {
  fo: ['fo(Class)', 'the objects of a class that live in this process; collects garbage first'],
  pgt: ['pgt()', 'what keeps the process alive, by kind: sockets, timers, requests to the system'],
  mem: ['mem()', 'the memory it has, in MiB'],
  heap: ['await heap(file)', 'writes a heap snapshot for the browser\'s tools; the process stands still meanwhile, and secrets are in it'],
  prof: ['await prof(seconds, file)', 'where the processor\'s time goes: the functions with most of it; with a file, a profile for the browser\'s tools too'],
  loop: ['loop()', 'how late the main loop was, in ms, and the share of time it was busy, since the last call'],
  requests: ['requests()', 'what the service has in progress, the oldest first'],
} as const

interface BackdoorTools {
  fo(type: new (...args: never[]) => object): string[]
  pgt(): Record<string, number>
  mem(): Record<string, number>
  /** Resolves with the file's name. Never overwrites one. */
  heap(file?: string): Promise<string>
  /** Rejects with RangeError when `seconds` is no time. */
  prof(seconds?: number, file?: string): Promise<string[]>
  loop(): Record<string, number>
  requests(): readonly WorkItem[]
}

/** What a backdoor's user finds there, and how to give back what it takes. */
export interface Toolbox {
  readonly tools: BackdoorTools
  readonly help: string
  close(): void
}

/** How often the main loop is looked at, in milliseconds. */
const RESOLUTION = 10
const MIB = 2 ** 20
/** Functions a profile names. */
const MOST = 20

export function openToolbox(service: ServiceBase | undefined, clock: Clock): Toolbox {
  const delays = monitorEventLoopDelay({ resolution: RESOLUTION })
  delays.enable()
  let busySince = performance.eventLoopUtilization()
  const tools: BackdoorTools = {
    fo: (type) => queryObjects(type, { format: 'summary' }),
    pgt: () => countEach(process.getActiveResourcesInfo()),
    mem: () => inMebibytes({ ...process.memoryUsage(), heapLimit: getHeapStatistics().heap_size_limit }),
    heap: writeHeap,
    prof: (seconds = 5, file) => profile(seconds, clock, file),
    loop() {
      const { utilization } = performance.eventLoopUtilization(busySince)
      busySince = performance.eventLoopUtilization()
      const told = { mean: late(delays.mean), p50: late(delays.percentile(50)), p99: late(delays.percentile(99)), max: late(delays.max), busy: round(utilization) }
      delays.reset()
      return told
    },
    requests: () => service?.inProgress?.() ?? [],
  }
  return { tools, help: helpText(), close: () => void delays.disable() }
}

function helpText(): string {
  const rows = [['service', 'the service of this process'], ...Object.values(HELP), ['exit()', 'closes this connection, as .exit and the end of input do']]
  const width = Math.max(...rows.map(([call = '']) => call.length))
  return rows.map(([call = '', text]) => `${call.padEnd(width)}  ${text}\n`).join('')
}

function countEach(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1
  return counts
}

function inMebibytes(octets: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(octets).map(([name, count]) => [name, round(count / MIB)]))
}

/** The histogram counts nanoseconds from one look to the next. Empty, its mean is NaN. */
function late(nanoseconds: number): number {
  return round(Math.max(0, nanoseconds / 1e6 - RESOLUTION)) || 0
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}

/** For its owner only: whatever the process has in memory is in it. */
async function writeHeap(file = `millrace-${process.pid}-${Date.now()}.heapsnapshot`): Promise<string> {
  await pipeline(getHeapSnapshot(), createWriteStream(file, { mode: 0o600, flags: 'wx' }))
  return file
}

async function profile(seconds: number, clock: Clock, file: string | undefined): Promise<string[]> {
  if (!(seconds > 0)) throw new RangeError(`prof() takes a number of seconds, not ${seconds}`)
  const session = new Session()
  session.connect()
  try {
    await session.post('Profiler.enable')
    await session.post('Profiler.start')
    await new Promise<void>((resolve) => void clock.setTimer(resolve, seconds * 1000))
    const { profile } = await session.post('Profiler.stop')
    if (file !== undefined) writeFileSync(file, JSON.stringify(profile), { mode: 0o600, flag: 'wx' })
    return busiest(profile)
  } finally {
    session.disconnect()
  }
}

/** The share of the samples that found each function running, the busiest first. */
function busiest({ nodes, samples = [] }: Profiler.Profile): string[] {
  const names = new Map(nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]))
  const counts = Object.entries(countEach(samples.map((id) => names.get(id) ?? '')))
  return counts
    .toSorted(([, one], [, other]) => other - one)
    .slice(0, MOST)
    .map(([name, count]) => `${((count * 100) / samples.length).toFixed(1).padStart(5)} %  ${name}`)
}

function nameOf({ functionName, url, lineNumber }: Profiler.Profile['nodes'][number]['callFrame']): string {
  return `${functionName || '(anonymous)'}${url === '' ? '' : ` ${url}:${lineNumber + 1}`}`
}
