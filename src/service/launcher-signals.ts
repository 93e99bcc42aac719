export type LauncherState = 'NEW' | 'RUNNING' | 'STOPPING'
export type LauncherAction = 'stop' | 'exit-now' | 'restart' | 'one-more' | 'one-less' | 'reopen-logs' | 'report'

type SignalTable = Readonly<Partial<Record<NodeJS.Signals, LauncherAction>>>

const ALWAYS: SignalTable = { SIGUSR1: 'reopen-logs', SIGUSR2: 'report' }

/**
 * What a signal does, by what the launcher is doing; what has no cell does nothing. Only a second order to end makes the end immediate, so
 * a terminal's HUP beside a TERM does not. Where HUP is a terminal's that goes, in the foreground, it stops, as with oslo.service.
 */
export const SIGNALS: Readonly<Record<LauncherState, SignalTable>> = {
  NEW: {},
  RUNNING: { SIGTERM: 'stop', SIGINT: 'exit-now', SIGHUP: 'restart', SIGTTIN: 'one-more', SIGTTOU: 'one-less', ...ALWAYS },
  STOPPING: { SIGTERM: 'exit-now', SIGINT: 'exit-now', ...ALWAYS },
}

/** What is said of it: oslo.service's words where it has some. */
export const ACTION_WORDS: Readonly<Record<LauncherAction | 'ignore', string>> = {
  stop: 'stopping',
  'exit-now': 'instantaneous exiting',
  restart: 'reading the configuration again',
  'one-more': 'one worker more',
  'one-less': 'one worker less',
  'reopen-logs': 'reopening the log',
  report: 'reporting',
  ignore: 'ignored',
}
