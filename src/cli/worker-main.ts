// oxlint-disable-next-line import/no-unassigned-import -- what it does must come before all other imports
import './no-inspector.ts'
import { logCrashes } from '../log/crash-log.ts'
import { attachEventLog } from '../log/event-log.ts'
import { openLog } from '../log/logger.ts'
import { runWorker } from '../service/worker.ts'
import { type ApiSettings, serviceOf } from '../api.ts'
import { exitWith } from './exit.ts'
import { keepFreedMemory } from './keep-memory.ts'
import { takeOrder } from './worker-order.ts'

const order = takeOrder(process.env)
const { api: { name }, settings } = order
process.title = `millrace: ${name} worker`
keepFreedMemory()

const log = await openLog(settings, name)
attachEventLog(log)
logCrashes(log)

const service = serviceOf(order, { log, ticketKeys: Buffer.from(order.ticketKeys, 'base64') })
service.bound({ host: order.address.address, port: order.address.port, url: '' })

const code = await runWorker({
  name,
  gracefulTimeout: settings.graceful_shutdown_timeout,
  log,
  backdoor: settings,
  watched: order.api.wsgi.worker_timeout !== 0,
  create: async () => service,
  mutate: (given) => {
    service.mutate(given)
    const { log_level, log_format } = (given as ApiSettings).settings
    log.setLevel(log_level)
    void log.setFormat(log_format)
  },
})
exitWith(code, log)
