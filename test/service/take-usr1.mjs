// Handles USR1 once, or gives it back before it comes when it is told to: `handle` or `give-back`.
import { signals } from '../../dist/service/signals.js'

const timer = setTimeout(() => {}, 30_000)
const remove = signals.add('SIGUSR1', (signal) => {
  process.stdout.write(signal)
  clearTimeout(timer)
})
if (process.argv[2] === 'give-back') remove()
process.kill(process.pid, 'SIGUSR1')
