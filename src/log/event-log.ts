import { type EventName, type Events, subscribe } from '../events.ts'
import { systemClock } from '../clock.ts'
import { LogFlood } from './log-flood.ts'
import type { Log } from './logger.ts'
import { type Report, reportText } from './report-text.ts'

type Level = 'error' | 'warn' | 'info' | 'debug'
type Line<N extends EventName> = (event: Events[N]) => readonly [level: Level, text: string]

/** How each event reads in the log. Operators of oslo.service look for the texts it had, so these keep them. `request` has a log of its own; to listen to timings is to ask for them. */
const LINES: { readonly [N in Exclude<EventName, 'request' | 'request.timing'>]: Line<N> } = {
  'request.failed': ({ method, target, status }) => ['error', `${method} ${target} failed with ${status}`],
  'request.logged': ({ client, method, uri, status, length, microversion, seconds }) => [
    'info',
    `${client} "${method} ${uri}" status: ${status} len: ${length ?? '-'} microversion: ${microversion ?? '-'} time: ${seconds.toFixed(6)}`,
  ],
  'request.shown': ({ client, method, target, status }) => ['debug', `${client} "${method} ${target}" ${status === null ? 'failed' : `was answered with ${status}`}`],
  'request.refused': ({ client, status, reason, clause }) => ['debug', `refused a request of ${client} with ${status}: ${reason} (${clause})`],
  'request.cut': ({ method, target, seconds, id }) => ['warn', `cut ${method} ${target} (${id}) after ${seconds.toFixed(1)} s, as the process had to stop`],
  'connection.timeout': ({ client, deadline }) => ['debug', `timed out ${client} (${deadline})`],
  'connection.refused': ({ api, waiting }) => ['warn', `closed a connection to ${api}: ${waiting} others already wait for a worker`],
  'connections.full': ({ api, connections }) => ['warn', `turned a connection to ${api} away: it has ${connections} already (max_connections)`],
  'accept.failed': ({ listener, error }) => ['error', `could not accept a connection on ${listener}: ${error.message}`],
  'tls.failed': ({ client, error }) => ['debug', `TLS handshake with ${client} failed: ${error.message}`],
  'api.starting': ({ api, workers, listening }) => [
    'info',
    `Starting ${workers === 0 ? `${api} in this process` : `${workers} ${workers === 1 ? 'worker' : 'workers'} of ${api}`}${listening === '' ? '' : `, listening on ${listening}`}`,
  ],
  'worker.started': ({ api, pid }) => ['debug', `Started child ${pid} of ${api}`],
  'worker.ready': ({ api, pid, seconds }) => ['debug', `Child ${pid} of ${api} is ready after ${seconds.toFixed(2)} s`],
  'worker.exited': ({ api, pid, code, signal, expected, explanation }) => [
    expected ? 'info' : 'warn',
    `Child ${pid} of ${api} ${signal === null ? `exited with status ${code}` : `killed by signal ${signal}`}${explanation === '' ? '' : `: ${explanation}`}`,
  ],
  'worker.throttled': ({ api, seconds }) => ['info', `Forking too fast, sleeping ${seconds} s before the next worker of ${api}`],
  'service.failed': ({ api, pid, error }) => ['error', `Error in ${api}, process ${pid}: ${messageOf(error)}`],
  ready: ({ apis }) => ['info', readyText(apis)],
  'signal.caught': ({ signal, action }) => ['info', action === 'stopping' ? `Caught ${signal}, stopping children` : `Caught ${signal} signal, ${action}`],
  stopping: ({ seconds }) => ['info', seconds === 0 ? 'Stopping; requests in flight may take as long as they need' : `Stopping; what is in flight has ${seconds} s to finish`],
  stopped: ({ code, cut, seconds }) => [
    code === 0 ? 'info' : 'warn',
    `Stopped after ${seconds.toFixed(1)} s${code === 0 ? '' : `: forced, ${cut} ${cut === 1 ? 'request was' : 'requests were'} cut`}`,
  ],
  draining: ({ api, connections: { IDLE, REQUEST } }) => ['info', `${api} has ${REQUEST} requests to finish, and ${IDLE} idle connections`],
  'option.changed': ({ option, from, to }) => ['info', `Option ${option} changed from [${from}] to [${to}]`],
  'option.ignored': ({ option, from, to, takes }) => ['warn', `Ignoring change to immutable option ${option} from [${from}] to [${to}]: it takes ${takes}`],
  reloading: ({ method, reason }) => ['info', method === 'reload' ? `Reloading (${reason}): workers are replaced one by one` : `Reading the configuration again (${reason}), to change in place what can`],
  reloaded: ({ method, replaced, seconds }) => ['info', method === 'reload' ? `Reloaded in ${seconds.toFixed(1)} s, ${count(replaced, 'worker')} replaced` : 'The configuration was taken over'],
  'reload.failed': ({ replaced, error }) => ['error', `Reload failed, ${replaced === 0 ? 'everything stays as it was' : `after ${replaced === 1 ? '1 worker was' : `${replaced} workers were`} replaced; the others stay`}: ${messageOf(error)}`],
  'worker.recycling': ({ api, pid, reason }) => ['info', `Replacing child ${pid} of ${api}: ${reason}`],
  'worker.hung': ({ api, pid, seconds }) => ['error', `Child ${pid} of ${api} has not been heard for ${seconds.toFixed(1)} s and is killed (worker_timeout)`],
  'process.blocked': ({ api, pid, seconds, stack }) => ['error', `The main loop of child ${pid} of ${api} has been blocked for ${seconds.toFixed(1)} s:\n${stack}`],
  'work.cut': ({ pid, id, what, seconds, phase }) => ['warn', `cut ${what} (${id}) after ${seconds.toFixed(1)} s, ${phase}, as child ${pid} was killed`],
  'worker.late': ({ api, pid, seconds }) => ['error', `Child ${pid} of ${api} has not become ready in ${seconds.toFixed(1)} s and is killed (worker_start_timeout)`],
  'api.scaled': ({ api, from, to }) => ['info', `${api} goes from ${from} to ${to} workers`],
  'api.drained': ({ api, cut }) => ['info', `${api} is drained${cut === 0 ? '' : `, ${cut} requests were cut`}`],
  'control.asked': ({ command, args }) => ['info', `Asked over the control socket: ${[command, ...Object.entries(args).map(([name, value]) => `${name}=${String(value)}`)].join(' ')}`],
  'control.failed': ({ error }) => ['warn', `The control socket: ${messageOf(error)}`],
  'control.listening': ({ path }) => ['info', `Control socket ${path}`],
  'backdoor.listening': ({ where }) => ['info', `Backdoor listening on ${where} for process ${process.pid}`],
  'notify.failed': ({ error }) => ['debug', `Systemd notification failed: ${messageOf(error)}`],
  'logs.reopened': ({ file }) => ['info', `Reopened ${file}`],
  report: (event) => ['info', reportText(event as Report)],
  'task.failed': ({ task, error }) => ['error', `Task ${task} failed: ${messageOf(error)}`],
  'loop.failed': ({ kind, name }) => ['error', `${kind} '${name}' failed`],
  'loop.outlasted': ({ name, delay }) => ['warn', `Function '${name}' run outlasted interval by ${delay.toFixed(2)} sec`],
  'periodic.skipped': ({ task, reason }) => ['info', `Skipping periodic task ${task} because ${reason}`],
  'periodic.running': ({ task }) => ['debug', `Running periodic task ${task}`],
  'periodic.failed': ({ task }) => ['error', `Error during ${task}`],
  'parent.died': () => ['error', 'Parent process has died unexpectedly, exiting'],
  'signal.failed': ({ signal, error }) => ['error', `Handling ${signal} failed: ${messageOf(error)}`],
  'logs.failed': ({ file, error }) => ['error', `Log file ${file}: ${messageOf(error)}`],
  'logs.lost': ({ file, octets }) => ['error', `Log file ${file} did not take ${octets} octets, which are lost`],
  'backdoor.opened': ({ where }) => ['warn', `Somebody has connected to the backdoor on ${where}`],
  'backdoor.warning': ({ message }) => ['warn', message],
}

/** Writes every event of the runtime, with all its fields, as one log line; of a flood as many as {@link LogFlood} lets through. */
export function attachEventLog(log: Log): void {
  const levels = new Map<string, Level>()
  const flood = new LogFlood(systemClock, (event, more) => {
    log.logger[levels.get(event) ?? 'warn']({ event, more }, `and ${more} more of ${event} in that second`)
    log.handOn()
  })
  for (const name of Object.keys(LINES) as (keyof typeof LINES)[]) {
    const line = LINES[name] as Line<EventName>
    subscribe(name, (event) => {
      if (!flood.admits(name)) return
      const [level, text] = line(event)
      levels.set(name, level)
      // `pid` is who writes the line, `err` is what pino writes with its stack.
      const { error: err, pid: child, ...fields }: { error?: unknown; pid?: number } = event as object
      log.logger[level]({ event: name, ...fields, ...(child !== undefined && { child }), ...(err !== undefined && { err }) }, text)
      log.handOn()
    })
  }
}

function count(number: number, thing: string): string {
  return `${number} ${thing}${number === 1 ? '' : 's'}`
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** What to try, one line each. */
function readyText(apis: Events['ready']['apis']): string {
  const width = Math.max(...apis.map(({ api }) => api.length))
  const rows = apis.map(({ api, url, workers }) => [`  ${api.padEnd(width)}`, url, describeWorkers(workers)].filter(Boolean).join('  '))
  return `Millrace is serving\n${rows.join('\n')}`
}

function describeWorkers(workers: number): string {
  if (workers === 0) return 'in this process'
  return workers === 1 ? '1 worker' : `${workers} workers`
}
