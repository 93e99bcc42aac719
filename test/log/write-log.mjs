// Writes one line of each kind, as a worker does, and ends as it does. Arguments: log_format, log_level.
import process from 'node:process'
import { emit } from '../../dist/events.js'
import { attachAccessLog } from '../../dist/log/access-log.js'
import { attachEventLog } from '../../dist/log/event-log.js'
import { openLog } from '../../dist/log/logger.js'

const [, , log_format, log_level] = process.argv
const log = await openLog({ log_format, log_level }, 'compute')
attachEventLog(log)
attachAccessLog(log, 'compute', { access_log: true, wsgi_log_format: '%(client_ip)s "%(request_line)s" %(status_code)s' })
emit('signal.caught', { signal: 'SIGHUP', action: 'reloading' })
emit('request.failed', { api: 'compute', id: 'req-1', method: 'GET', target: '/', status: 500, error: new RangeError('no luck\u001b[2J') })
emit('request', {
  api: 'compute', id: 'req-1', clientAddress: '192.0.2.7', clientPort: 4, forwardedFor: null, method: 'GET', target: '/"', httpVersion: '1.1',
  status: 500, bytes: 9, seconds: 1, complete: true,
})
log.flush()
