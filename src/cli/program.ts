import { readFileSync } from 'node:fs'
import { Argument, Command, Option } from 'commander'
import { type ConfigFlags, requestOf, seconds, wholeNumber, withConfigOptions } from './config-flags.ts'
import { addControl } from './control-program.ts'
import type { ShowFormat, ShowTopic } from './show.ts'

const SHOW_TOPICS: readonly ShowTopic[] = ['pipelines', 'config', 'routes']

const EPILOG = `
Without --config-file and --config-dir: ./millrace.conf. millrace <command> --help has each command's options, and examples.

Signals to the launcher: TERM stops gracefully; a second TERM, or INT, at once. HUP reads the configuration again, or stops in the foreground of a
terminal. TTIN and TTOU: one worker more, one less, of each API. USR1 opens log_file anew. USR2 logs a report.
Exit codes: 0 clean stop, 1 failed or forced stop or no API could be started, 2 bad usage or configuration.`

const SERVE_HELP = `
Refuses to start when the configuration is wrong (exit code 2), and tells everything that is. A name in enabled_apis that has no
section in the paste file is a warning; when none has one, no API can be started (exit code 1).

Examples:
  millrace serve
  millrace serve --config-file /etc/millrace/millrace.conf --config-dir /etc/millrace/conf.d
  millrace serve --api compute --workers 0 --set log_level=debug --set wsgi.debug=true`

const CHECK_HELP = `
Finds what serve would refuse: values, files, certificates, APIs in one place, and everything that composing and importing the apps finds.
Each API is loaded in a process of its own, which ends with the check; nothing is bound.
Errors and warnings go to standard error, one a line: level: file:line: [section] option: what is wrong. With --json a list of objects with
the keys level, api, file, line, section, option, value, expected, nearest and message goes to standard output instead.
Exit codes: 0 everything can be served, 2 something is wrong (also that no API is left to serve). Warnings are no errors.

Examples:
  millrace check
  millrace check --api compute --timeout 5
  millrace check --json | jq -r '.[] | select(.level == "error") | .message'`

const SHOW_HELP = `
Topics:
  pipelines  each API as a tree: mount, filters and app, with factory and file:line of each section; imports no module
  config     every option that takes effect, and where it is from: default, file:line, --set or --workers; secrets are masked
  routes     method, path and name of every route; imports and makes the apps. * is an app that is no router

Examples:
  millrace show pipelines
  millrace show pipelines --api compute --mermaid > compute.mmd
  millrace show config --set wsgi.backlog=10 --json
  millrace show routes --api compute`

/** Seconds that check gives an API to load when it is not told. */
const CHECK_TIMEOUT = 30

/** The command line. Each command tells `finish` its exit code; what it needs is loaded when it runs, so that --help is quick. */
export function createProgram(finish: (code: number) => void): Command {
  const program = new Command('millrace')
    .description('HTTP API server: the APIs named in millrace.conf, composed as api-paste.ini says, on worker processes')
    .version(packageVersion(), '--version', 'print the version')
    .helpOption('--help', 'print this help')
    .addHelpText('after', EPILOG)
    .showHelpAfterError('(millrace --help says what there is)')
  addServe(program, finish)
  addCheck(program, finish)
  addShow(program, finish)
  addControl(program, finish)
  return program
}

function addServe(program: Command, finish: (code: number) => void): void {
  withConfigOptions(program.command('serve'))
    .description('bind every enabled API and serve it until a signal says stop')
    .option('--workers <count>', 'worker processes of each API, instead of <api>_workers; 0 serves everything in this process', wholeNumber)
    .addHelpText('after', SERVE_HELP)
    .action(async (flags: ConfigFlags & { workers?: number }) => {
      const { serve } = await import('./serve.ts')
      finish(await serve(requestOf(flags, flags.workers)))
    })
}

function addCheck(program: Command, finish: (code: number) => void): void {
  withConfigOptions(program.command('check'))
    .description('load every enabled API without serving it, and print everything that is wrong')
    .option('--timeout <seconds>', 'how long each API may take to load; 0 is no limit', seconds, CHECK_TIMEOUT)
    .option('--json', 'as JSON')
    .addHelpText('after', CHECK_HELP)
    .action(async (flags: ConfigFlags & { timeout: number; json?: boolean }) => {
      const { check } = await import('./check.ts')
      finish(await check(requestOf(flags), { json: flags.json === true, timeout: flags.timeout }))
    })
}

function addShow(program: Command, finish: (code: number) => void): void {
  withConfigOptions(program.command('show'))
    .description('print what the configuration comes to')
    .addArgument(new Argument('<topic>', 'what to show').choices(SHOW_TOPICS))
    .option('--json', 'as JSON')
    .addOption(new Option('--mermaid', 'pipelines as a Mermaid flowchart').conflicts('json'))
    .addHelpText('after', SHOW_HELP)
    .action(async (topic: ShowTopic, flags: ConfigFlags & { json?: boolean; mermaid?: boolean }, command: Command) => {
      if (flags.mermaid === true && topic !== 'pipelines') command.error('error: --mermaid is for pipelines', { exitCode: 2 })
      const { show } = await import('./show.ts')
      finish(await show(topic, requestOf(flags), formatOf(flags)))
    })
}

function formatOf({ json, mermaid }: { json?: boolean; mermaid?: boolean }): ShowFormat {
  if (json === true) return 'json'
  return mermaid === true ? 'mermaid' : 'text'
}

function packageVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}
