import { attachEventLog } from '../log/event-log.ts'
import { openLog } from '../log/logger.ts'
import { runWorker } from '../service/worker.ts'
import { createService } from '../api.ts'
import { exitWith, logCrashes } from './exit.ts'
import { keepFreedMemory } from './keep-memory.ts'
import { takeOrder } from './worker-order.ts'

const order = takeOrder(process.env)
const { api: { name }, settings } = order
process.title = `millrace: ${name} worker`
keepFreedMemory()

const log = await openLog(settings, name)
attachEventLog(log)
logCrashes(log)

const code = await runWorker({
  name,
  gracefulTimeout: settings.graceful_shutdown_timeout,
  log,
  create: () => createService(order, order.address, log),
})
exitWith(code, log)
