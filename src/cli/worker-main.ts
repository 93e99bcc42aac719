import { examineConfig } from '../config/load.ts'
import { attachEventLog } from '../log/event-log.ts'
import { openLog } from '../log/logger.ts'
import { runWorker } from '../service/worker.ts'
import { createService } from './api.ts'
import { exitWith, logCrashes } from './exit.ts'
import { keepFreedMemory } from './keep-memory.ts'
import { takeOrder } from './worker-order.ts'

const { api: name, address, request } = takeOrder(process.env)
process.title = `millrace: ${name} worker`
keepFreedMemory()

// The files may have changed since the primary read them: what is wrong now is told to it, as what is wrong with the app is.
const { config, problems } = examineConfig(request)
const log = await openLog(config.settings, name)
attachEventLog(log)
logCrashes(log)

const code = await runWorker({
  api: name,
  gracefulTimeout: config.settings.graceful_shutdown_timeout,
  create: async () => {
    problems.throwAny()
    const api = config.apis.find((one) => one.name === name)
    if (api === undefined) throw new Error(`${name} is not in enabled_apis any more`)
    return createService(api, config, log, address)
  },
})
exitWith(code, log)
