import { forkClusterWorker } from './cluster-port.ts'
import type { ChildPort } from './ports.ts'
import { type ServiceOrder, toServiceEnvironment } from './service-order.ts'

/** Runs the program of this process again, for one of its services. Throws when it is no file that could be run again. */
export function forkProgram(order: ServiceOrder): ChildPort {
  const [, file, ...args] = process.argv
  if (file === undefined) throw new Error('services in worker processes need a program that is a file: node <file>')
  return forkClusterWorker({ file, args, env: toServiceEnvironment(order) })
}
