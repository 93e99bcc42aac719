import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { emit, type EventName, type Events } from '../../src/events.ts'
import { attachEventLog } from '../../src/log/event-log.ts'
import { reportText } from '../../src/log/report-text.ts'
import { makeStatus } from '../support/fake-operations.ts'
import { keepLines } from './log-lines.ts'

type Logged = Exclude<EventName, 'request' | 'request.timing'>
/** One or more events, and how each is logged. */
type Rows = { readonly [N in Logged]: readonly [event: Events[N], level: string, text: string][] }

const error = new Error('no luck')
const api = 'compute'
const request = { api, id: 'req-1', method: 'GET', target: '/servers' }
const logged = {
  api, id: 'req-1', globalId: 'req-0', client: '192.0.2.7', method: 'GET', uri: '/v2.1/servers?limit=1', status: 200, user: 'u', project: 'p', seconds: 0.0123456,
}
const shown = { ...request, client: '192.0.2.7', fields: { accept: '*/*' } }
const listening = { api, host: '127.0.0.1', port: 8774, url: 'http://127.0.0.1:8774' }

const report = { status: makeStatus(), options: [], stuck: [] }

const ROWS: Rows = {
  'request.failed': [[{ ...request, status: 500, error }, 'error', 'GET /servers failed with 500']],
  'request.logged': [
    [{ ...logged, length: 12, microversion: '2.90' }, 'info', '192.0.2.7 "GET /v2.1/servers?limit=1" status: 200 len: 12 microversion: 2.90 time: 0.012346'],
    [{ ...logged, length: null, microversion: null }, 'info', '192.0.2.7 "GET /v2.1/servers?limit=1" status: 200 len: - microversion: - time: 0.012346'],
  ],
  'request.shown': [
    [{ ...shown, status: 200, replyFields: { vary: 'Origin' }, body: '{}' }, 'debug', '192.0.2.7 "GET /servers" was answered with 200'],
    [{ ...shown, status: null, replyFields: null, body: null, error }, 'debug', '192.0.2.7 "GET /servers" failed'],
  ],
  'request.refused': [
    [{ api, client: '192.0.2.7', status: 400, reason: 'malformed chunk', clause: 'RFC 9112 §7.1' }, 'debug',
      'refused a request of 192.0.2.7 with 400: malformed chunk (RFC 9112 §7.1)'],
  ],
  'request.cut': [[{ ...request, seconds: 61.04 }, 'warn', 'cut GET /servers (req-1) after 61.0 s, as the process had to stop']],
  'connection.timeout': [[{ api, client: '192.0.2.7', deadline: 'headers_timeout' }, 'debug', 'timed out 192.0.2.7 (headers_timeout)']],
  'connection.refused': [[{ api, waiting: 9 }, 'warn', 'closed a connection to compute: 9 others already wait for a worker']],
  'connections.full': [[{ api, connections: 4096 }, 'warn', 'turned a connection to compute away: it has 4096 already (max_connections)']],
  'accept.failed': [[{ listener: '[::]:8774', error }, 'error', 'could not accept a connection on [::]:8774: no luck']],
  'tls.failed': [[{ api, client: '192.0.2.7', error }, 'debug', 'TLS handshake with 192.0.2.7 failed: no luck']],
  'api.starting': [
    [{ api, workers: 2, listening: '0.0.0.0:8774' }, 'info', 'Starting 2 workers of compute, listening on 0.0.0.0:8774'],
    [{ api, workers: 0, listening: '0.0.0.0:8774' }, 'info', 'Starting compute in this process, listening on 0.0.0.0:8774'],
    [{ api: 'Reaper', workers: 1, listening: '' }, 'info', 'Starting 1 worker of Reaper'],
  ],
  'worker.started': [[{ api, pid: 7 }, 'debug', 'Started child 7 of compute']],
  'worker.ready': [[{ api, pid: 7, seconds: 0.256 }, 'debug', 'Child 7 of compute is ready after 0.26 s']],
  'worker.exited': [
    [{ api, pid: 7, code: 0, signal: null, expected: true, explanation: '' }, 'info', 'Child 7 of compute exited with status 0'],
    [{ api, pid: 7, code: null, signal: 'SIGKILL', expected: false, explanation: 'out of memory?' }, 'warn', 'Child 7 of compute killed by signal SIGKILL: out of memory?'],
  ],
  'worker.throttled': [[{ api, seconds: 1 }, 'info', 'Forking too fast, sleeping 1 s before the next worker of compute']],
  'service.failed': [
    [{ api, pid: 7, error }, 'error', 'Error in compute, process 7: no luck'],
    [{ api, pid: 0, error: 'nothing' }, 'error', 'Error in compute, process 0: nothing'],
  ],
  ready: [
    [{ apis: [{ ...listening, workers: 4 }], workers: 4 }, 'info',
      'Millrace is serving\n  compute  http://127.0.0.1:8774  4 workers'],
    [
      { apis: [{ ...listening, workers: 1 }, { ...listening, api: 'meta', workers: 0 }], workers: 1 }, 'info',
      'Millrace is serving\n  compute  http://127.0.0.1:8774  1 worker\n  meta     http://127.0.0.1:8774  in this process',
    ],
  ],
  'signal.caught': [
    [{ signal: 'SIGTERM', action: 'stopping' }, 'info', 'Caught SIGTERM, stopping children'],
    [{ signal: 'SIGHUP', action: 'reloading' }, 'info', 'Caught SIGHUP signal, reloading'],
  ],
  stopping: [
    [{ reason: 'SIGTERM', seconds: 60 }, 'info', 'Stopping; what is in flight has 60 s to finish'],
    [{ reason: 'SIGTERM', seconds: 0 }, 'info', 'Stopping; requests in flight may take as long as they need'],
  ],
  stopped: [
    [{ code: 0, cut: 0, seconds: 1.26 }, 'info', 'Stopped after 1.3 s'],
    [{ code: 1, cut: 1, seconds: 60 }, 'warn', 'Stopped after 60.0 s: forced, 1 request was cut'],
    [{ code: 1, cut: 3, seconds: 60 }, 'warn', 'Stopped after 60.0 s: forced, 3 requests were cut'],
  ],
  draining: [[{ api, connections: { IDLE: 3, REQUEST: 2, CLOSE: 0 } }, 'info', 'compute has 2 requests to finish, and 3 idle connections']],
  'option.changed': [[{ option: 'wsgi.backlog', from: '1', to: '2' }, 'info', 'Option wsgi.backlog changed from [1] to [2]']],
  'option.ignored': [[{ option: 'wsgi.backlog', from: '1', to: '2', takes: 'a new start' }, 'warn', 'Ignoring change to immutable option wsgi.backlog from [1] to [2]: it takes a new start']],
  reloading: [
    [{ method: 'reload', reason: 'SIGHUP' }, 'info', 'Reloading (SIGHUP): workers are replaced one by one'],
    [{ method: 'mutate', reason: 'SIGHUP' }, 'info', 'Reading the configuration again (SIGHUP), to change in place what can'],
  ],
  reloaded: [
    [{ method: 'reload', replaced: 3, seconds: 1.26 }, 'info', 'Reloaded in 1.3 s, 3 workers replaced'],
    [{ method: 'mutate', replaced: 0, seconds: 0 }, 'info', 'The configuration was taken over'],
  ],
  'reload.failed': [
    [{ method: 'reload', replaced: 0, error }, 'error', 'Reload failed, everything stays as it was: no luck'],
    [{ method: 'reload', replaced: 2, error: 'nothing' }, 'error', 'Reload failed, after 2 workers were replaced; the others stay: nothing'],
  ],
  'worker.recycling': [[{ api, pid: 7, reason: 'max_requests' }, 'info', 'Replacing child 7 of compute: max_requests']],
  'worker.hung': [[{ api, pid: 7, seconds: 30 }, 'error', 'Child 7 of compute has not been heard for 30.0 s and is killed (worker_timeout)']],
  'work.cut': [[{ api, pid: 7, id: 'req-1', what: 'GET /servers', seconds: 31, phase: 'waiting for the app' }, 'warn',
    'cut GET /servers (req-1) after 31.0 s, waiting for the app, as child 7 was killed']],
  'worker.late': [[{ api, pid: 7, seconds: 60 }, 'error', 'Child 7 of compute has not become ready in 60.0 s and is killed (worker_start_timeout)']],
  'process.blocked': [[{ api, pid: 7, seconds: 30, stack: 'at spin (app.js:1:2)' }, 'error', 'The main loop of child 7 of compute has been blocked for 30.0 s:\nat spin (app.js:1:2)']],
  'api.scaled': [[{ api, from: 1, to: 2 }, 'info', 'compute goes from 1 to 2 workers']],
  'api.drained': [
    [{ api, cut: 0 }, 'info', 'compute is drained'],
    [{ api, cut: 2 }, 'info', 'compute is drained, 2 requests were cut'],
  ],
  'control.asked': [
    [{ command: 'scale', args: { service: api, workers: 2 } }, 'info', 'Asked over the control socket: scale service=compute workers=2'],
    [{ command: 'reload', args: {} }, 'info', 'Asked over the control socket: reload'],
  ],
  'control.failed': [[{ error }, 'warn', 'The control socket: no luck']],
  'control.listening': [[{ path: '/run/millrace.sock' }, 'info', 'Control socket /run/millrace.sock']],
  'backdoor.listening': [[{ where: '127.0.0.1:4444' }, 'info', `Backdoor listening on 127.0.0.1:4444 for process ${process.pid}`]],
  'notify.failed': [[{ error }, 'debug', 'Systemd notification failed: no luck']],
  'logs.reopened': [[{ file: '/var/log/millrace.log' }, 'info', 'Reopened /var/log/millrace.log']],
  report: [[report, 'info', reportText(report)]],
  'task.failed': [[{ task: 'reap', error }, 'error', 'Task reap failed: no luck']],
  'loop.failed': [[{ kind: 'Fixed interval looping call', name: 'reap', error }, 'error', "Fixed interval looping call 'reap' failed"]],
  'loop.outlasted': [[{ name: 'reap', delay: 0.126 }, 'warn', "Function 'reap' run outlasted interval by 0.13 sec"]],
  'periodic.skipped': [[{ task: 'reap', reason: 'it is disabled' }, 'info', 'Skipping periodic task reap because it is disabled']],
  'periodic.running': [[{ task: 'Manager.reap' }, 'debug', 'Running periodic task Manager.reap']],
  'periodic.failed': [[{ task: 'Manager.reap', error }, 'error', 'Error during Manager.reap']],
  'parent.died': [[{ api }, 'error', 'Parent process has died unexpectedly, exiting']],
  'signal.failed': [[{ signal: 'SIGHUP', error }, 'error', 'Handling SIGHUP failed: no luck']],
  'logs.failed': [[{ file: '/var/log/api.log', error }, 'error', 'Log file /var/log/api.log: no luck']],
  'logs.lost': [[{ file: '/var/log/api.log', octets: 12 }, 'error', 'Log file /var/log/api.log did not take 12 octets, which are lost']],
  'backdoor.opened': [[{ where: '127.0.0.1:4444' }, 'warn', 'Somebody has connected to the backdoor on 127.0.0.1:4444']],
  'backdoor.warning': [[{ message: 'no luck' }, 'warn', 'no luck']],
}

const { log, lines } = keepLines('json')
attachEventLog(log)

function rows(): [name: Logged, event: Events[Logged], level: string, text: string][] {
  const names = Object.keys(ROWS) as Logged[]
  return names.flatMap((name) => ROWS[name].map(([event, level, text]) => [name, event, level, text]))
}

test.each(rows())('%s', (name, event, level, text) => {
  lines.length = 0
  emit(name, event as never)
  expect(lines).toHaveLength(1)
  const [{ err, ...line } = {}] = lines
  // The line's own `pid` is the writer's: the one an event is about has another name.
  const { error: cause, pid: child, ...fields } = event as { error?: unknown; pid?: number }
  expect(line).toEqual({ level, event: name, msg: text, ...fields, ...(child !== undefined && { child }) })
  expect(err === undefined).toBe(cause === undefined)
  if (cause instanceof Error) expect(err).toMatchObject({ type: 'Error', message: 'no luck', stack: expect.any(String) as string })
})

test('requests have a log of their own', () => {
  lines.length = 0
  emit('request', {} as Events['request'])
  expect(lines).toEqual([])
})

test('every event there is has its line, but for those that are asked for', () => {
  const source = readFileSync(new URL('../../src/events.ts', import.meta.url), 'utf8')
  const [body = ''] = /interface Events \{[^]*?\n\}/.exec(source) ?? []
  const names = [...body.matchAll(/^ {2}'?([a-z.]+)'?: /gm)].map(([, name]) => name)
  expect(new Set(names)).toEqual(new Set(['request', 'request.timing', ...Object.keys(ROWS)]))
})
