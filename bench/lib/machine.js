import { availableParallelism, cpus, loadavg } from 'node:os'

/** What the figures depend on. Load is what others do on this machine, while it can still be told from our own. */
export function describeMachine() {
  return { cpu: cpus()[0]?.model.trim() ?? 'unknown', cores: availableParallelism(), load: loadavg()[0] ?? 0, node: process.version }
}

/** @param {ReturnType<typeof describeMachine>} machine */
export function formatMachine({ cpu, cores, load, node }) {
  return `${cpu}, ${cores} cores, load ${load.toFixed(2)} before · node ${node}`
}
