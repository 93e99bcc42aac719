import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

/** Of the clock that /proc counts in. */
const microsPerTick = 1e6 / Number(spawnSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }).stdout ?? 100)

/** CPU time, user and system, of a process and all its living descendants, in microseconds. @param {number} pid @returns {number} */
export function cpuTimeOf(pid) {
  // proc(5): the name, in parentheses, may have anything in it. utime and stime are the 14th and 15th field, the 12th and 13th behind it.
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const own = (Number(fields[11]) + Number(fields[12])) * microsPerTick
  return childrenOf(pid).reduce((sum, child) => sum + cpuTimeOf(child), own)
}

/** @param {number} pid */
function childrenOf(pid) {
  const threads = readdirSync(`/proc/${pid}/task`)
  return threads.flatMap((thread) => readFileSync(`/proc/${pid}/task/${thread}/children`, 'latin1').split(' ').filter(Boolean).map(Number))
}
