import { emit } from '../events.ts'
import type { Activity, ServiceBase, WorkItem } from './service-base.ts'

/** Of a service that tells nothing. */
const IDLE: Activity = { done: 0, inFlight: 0, queued: 0, connections: { IDLE: 0, REQUEST: 0, CLOSE: 0 } }

/** Services whose fault was told; they may be asked each second. */
const told = new WeakSet<ServiceBase>()

/** What a service says that it does; nothing when it throws. */
export function activityOf(service: ServiceBase): Activity {
  return attempt(service, () => service.activity?.()) ?? IDLE
}

/** As {@link activityOf}. */
export function workOf(service: ServiceBase): WorkItem[] {
  return attempt(service, () => service.inProgress?.()) ?? []
}

/** Calls what a service need not have, and whose error must not keep a stop, or a status, from going on: it is the event `service.failed`, once for each service. */
export function attempt<T>(service: ServiceBase, call: () => T): T | undefined {
  try {
    return call()
  } catch (error) {
    if (!told.has(service)) emit('service.failed', { api: nameOf(service), pid: process.pid, error })
    told.add(service)
    return undefined
  }
}

function nameOf(service: ServiceBase): string {
  return service.name ?? service.constructor.name
}
