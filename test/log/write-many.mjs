// Logs numbered lines to the file it is given until its input ends; USR1 opens the file anew. Says so on its output, and in the end how many.
import { once } from 'node:events'
import { setImmediate } from 'node:timers/promises'
import { attachEventLog } from '../../dist/log/event-log.js'
import { openLog } from '../../dist/log/logger.js'
import { signals } from '../../dist/service/signals.js'

const [, , log_file, name] = process.argv
const log = await openLog({ log_level: 'info', log_format: 'auto', log_file }, name)
attachEventLog(log)
signals.add('SIGUSR1', () => {
  log.reopen()
  process.stdout.write('reopened\n')
})
const ended = new AbortController()
void once(process.stdin.resume(), 'end').then(() => ended.abort())
let count = 0
process.stdout.write('writing\n')
for (; !ended.signal.aborted; count++) {
  log.record({ number: count, filling: 'x'.repeat(count % 500) })
  await setImmediate()
}
signals.clear()
log.flush()
process.stdout.write(`${count}\n`)
