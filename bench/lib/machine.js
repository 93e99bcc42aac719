import { availableParallelism, cpus, loadavg, release, type } from 'node:os'

/**
 * What the figures depend on. Load is what others do on this machine, while it can still be told from our own.
 *
 * @param {import('./entrant.js').Bench} bench
 */
export function describeMachine({ client, cores }) {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    load: loadavg()[0] ?? 0,
    node: process.version,
    kernel: `${type()} ${release()}`,
    date: new Date().toISOString().slice(0, 10),
    client: client.text,
    pinning: cores.text,
  }
}

/** @param {ReturnType<typeof describeMachine>} machine */
export function formatMachine({ cpu, cores, load, node, kernel, date, client, pinning }) {
  return `${cpu}, ${cores} cores, load ${load.toFixed(2)} before · node ${node} · ${kernel} · ${date}\nclient ${client} · ${pinning}`
}
