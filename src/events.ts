import { channel, type Channel } from 'node:diagnostics_channel'

/**
 * What the runtime tells about itself. The library never logs: it publishes these on `node:diagnostics_channel` as `millrace:<name>`,
 * and whoever wants a log or metrics subscribes. Nothing is built for an event nobody listens to where that costs anything.
 */
export interface Events {
  /** A reply was sent, or cut short. The access log is made of these. */
  request: RequestRecord
  /** How long each filter and app took for a request. Only of apps that were composed after somebody had subscribed to it. */
  'request.timing': { api: string; id: string; parts: readonly TimedPart[] }
  /** An app or filter threw, rejected, or returned what is not a reply. The client got `status`, or the connection was cut. */
  'request.failed': { api: string; id: string; method: string; target: string; status: number; error: unknown }
  /** An app has answered or thrown, as a `request_log` filter around it sees it. */
  'request.logged': LoggedRequest
  /** What a `debug` filter has seen. Secrets are masked; `body` is the beginning of the reply's, when that was asked for. */
  'request.shown': ShownRequest
  /** A message was refused before any app saw it. */
  'request.refused': { api: string; client: string; status: number; reason: string; clause: string }
  /** A connection was closed because a deadline passed. */
  'connection.timeout': { api: string; client: string; deadline: string }
  /** A request was cut because the process had to stop. */
  'request.cut': { api: string; id: string; method: string; target: string; seconds: number }
  /** accept() failed, for instance with EMFILE; the listener goes on. */
  'accept.failed': { listener: string; error: Error }
  /** A connection was closed because `waiting` others already waited for a worker. */
  'connection.refused': { api: string; waiting: number }
  /** The API had as many connections as it may have, none of them idle, and turned one away. */
  'connections.full': { api: string; connections: number }
  /** A TLS handshake failed or timed out. */
  'tls.failed': { api: string; client: string; error: Error }

  /** The launcher starts an API, in `workers` processes; 0 is its own. */
  'api.starting': { api: string; workers: number; listening: string }
  'worker.started': { api: string; pid: number }
  'worker.ready': { api: string; pid: number; seconds: number }
  /** `explanation` has words for what was not expected, and is empty otherwise. */
  'worker.exited': { api: string; pid: number; code: number | null; signal: string | null; expected: boolean; explanation: string }
  /** Workers die as fast as they start, so the next one waits. */
  'worker.throttled': { api: string; seconds: number }
  /** A service could not start in a process that replaces another, or its stop threw. `pid` is 0 when no process could be made. */
  'service.failed': { api: string; pid: number; error: unknown }
  /** All enabled APIs serve. */
  ready: { apis: readonly ListeningApi[]; workers: number }
  'signal.caught': { signal: string; action: string }
  /** A graceful stop began; what is still in flight after `seconds` is cut. 0 is no limit. */
  stopping: { reason: string; seconds: number }
  stopped: { code: number; cut: number; seconds: number }
  /** A server takes no new connections. How many it has, by their state; those in REQUEST are being answered. */
  draining: { api: string; connections: Readonly<Record<'IDLE' | 'REQUEST' | 'CLOSE', number>> }
  /** One option has another value from now on. `option` is `group.name`; the values are as an operator would write them, secrets masked. */
  'option.changed': { option: string; from: string; to: string; api?: string }
  /** One option has another value in the files, which only what it `takes` can take over. */
  'option.ignored': { option: string; from: string; to: string; api?: string; takes: 'a reload' | 'a new start' }
  /** The configuration is read again; workers are replaced one by one (reload), or take it over in place (mutate). */
  reloading: { method: 'reload' | 'mutate'; reason: string }
  reloaded: { method: 'reload' | 'mutate'; replaced: number; seconds: number }
  /** The old configuration stays. `replaced` workers had been replaced already. */
  'reload.failed': { method: 'reload' | 'mutate'; replaced: number; error: unknown }
  /** A worker is being replaced, its successor first. */
  'worker.recycling': { api: string; pid: number; reason: string }
  /** A worker's main loop did not run for so long; it is killed. */
  'worker.hung': { api: string; pid: number; seconds: number }
  /** What the main loop of a hung worker was doing, as a stack. */
  'process.blocked': { api: string; pid: number; seconds: number; stack: string }
  /** A request or task was lost with a worker that was killed. */
  'work.cut': { api: string; pid: number; id: string; what: string; seconds: number; phase: string }
  /** A worker did not get ready in so long; it is killed. */
  'worker.late': { api: string; pid: number; seconds: number }
  /** A service has another number of workers from now on. */
  'api.scaled': { api: string; from: number; to: number }
  /** A service takes nothing any more, while the others go on. */
  'api.drained': { api: string; cut: number }
  /** Who asked over the control socket for what. */
  'control.asked': { command: string; args: Readonly<Record<string, unknown>> }
  'control.failed': { error: unknown }
  'control.listening': { path: string }
  'backdoor.listening': { where: string }
  /** The service manager could not be told. */
  'notify.failed': { error: unknown }
  'logs.reopened': { file: string }
  /** Status and stuck work, as USR2 asks for them. */
  report: { status: unknown; options: unknown; stuck: unknown }
  /** A task of a service's task group threw. */
  'task.failed': { task: string; error: unknown }
  /** The function of a looping call threw. */
  'loop.failed': { kind: string; name: string; error: unknown }
  /** A run took longer than the interval, by `delay` seconds. */
  'loop.outlasted': { name: string; delay: number }
  'periodic.skipped': { task: string; reason: string }
  'periodic.running': { task: string }
  'periodic.failed': { task: string; error: unknown }
  /** The primary process died; this worker finishes what it has and ends. */
  'parent.died': { api: string }
  /** A handler of a signal threw or rejected; the others were called. */
  'signal.failed': { signal: string; error: unknown }
  /** The log file could not be opened anew (the one before stays), or takes nothing. */
  'logs.failed': { file: string; error: unknown }
  /** It takes lines again; so many octets it did not take. */
  'logs.lost': { file: string; octets: number }
  /** Somebody has connected to the backdoor, and may do anything. */
  'backdoor.opened': { where: string }
  /** What goes on with the backdoor and an operator should know. */
  'backdoor.warning': { message: string }
}

export interface ListeningApi {
  api: string
  /** What it listens on: an address, or `unix:/path`. */
  host: string
  /** The real port, also when port 0 was asked for; 0 for a unix socket. */
  port: number
  url: string
  workers: number
}

/** One filter or app, and its own share of a request. */
export interface TimedPart {
  /** Its section's name, or the URI that stands in its place. */
  name: string
  /** From its call to its reply, without what is inside it. */
  seconds: number
}

/** One line of the access log. */
export interface RequestRecord {
  api: string
  id: string
  clientAddress: string
  clientPort: number
  /** The X-Forwarded-For field as it came, or null; null also when a filter has put another client in the place of the peer. */
  forwardedFor: string | null
  method: string
  target: string
  httpVersion: string
  status: number
  /** Octets written for this reply, head and framing included, as eventlet counts them. */
  bytes: number
  /** From the end of the request's head to the last octet given to the socket. */
  seconds: number
  /** False when the reply was cut short. */
  complete: boolean
}

/** Fields of a message, by their names in lower case. */
export type ShownFields = Readonly<Record<string, string | readonly string[]>>

export interface LoggedRequest {
  api: string
  id: string
  /** The id that a trusted peer has given to this request and others, or null. */
  globalId: string | null
  client: string
  method: string
  /** The path, with where the app is mounted, and the query. */
  uri: string
  status: number
  /** Octets of the reply's body; null when it is still to be written, or the app has thrown. */
  length: number | null
  microversion: string | null
  user: string | null
  project: string | null
  /** Until the app answered. */
  seconds: number
}

export interface ShownRequest {
  api: string
  id: string
  client: string
  method: string
  target: string
  fields: ShownFields
  /** Null when the app has thrown, as it is then still to be made. */
  status: number | null
  replyFields: ShownFields | null
  body: string | null
  error?: unknown
}

export type EventName = keyof Events

const channels = new Map<EventName, Channel>()

function channelOf(name: EventName): Channel {
  let found = channels.get(name)
  if (found === undefined) channels.set(name, (found = channel(`millrace:${name}`)))
  return found
}

/** Tells the subscribers of `name`, if there are any. */
export function emit<N extends EventName>(name: N, event: Events[N]): void {
  channelOf(name).publish(event)
}

/** True when somebody listens: to be asked before what costs something is made. */
export function isHeard(name: EventName): boolean {
  return channelOf(name).hasSubscribers
}

/** Calls `listener` at every event of this name, until the function it returns is called. */
export function subscribe<N extends EventName>(name: N, listener: (event: Events[N]) => void): () => void {
  const found = channelOf(name)
  const onMessage = (message: unknown): void => listener(message as Events[N])
  found.subscribe(onMessage)
  return () => {
    found.unsubscribe(onMessage)
  }
}

/** On the hot path: ask before building the record. */
export const requestChannel: Channel = channelOf('request')
/** Whether anything is measured is decided by who listens when an app is composed. */
export const timingChannel: Channel = channelOf('request.timing')
