import { readFileSync } from 'node:fs'
import { Argument, Command, InvalidArgumentError } from 'commander'
import type { ConfigRequest } from '../config/load.ts'
import type { ShowTopic } from './show.ts'

/** What the options of every command that reads the configuration come to. */
interface ConfigFlags {
  configFile?: string[]
  configDir?: string[]
  set?: string[]
  api?: string[]
}

const SHOW_TOPICS: readonly ShowTopic[] = ['pipelines', 'config', 'routes']

const EPILOG = `
Without --config-file and --config-dir: ./millrace.conf.

Signals to the launcher: TERM and HUP stop gracefully, a second TERM or INT at once.
Exit codes: 0 clean stop, 1 failed or forced stop or no API could be started, 2 bad usage or configuration.`

/** The command line. Each command tells `finish` its exit code; what it needs is loaded when it runs, so that --help is quick. */
export function createProgram(finish: (code: number) => void): Command {
  const program = new Command('millrace')
    .description('HTTP API server: the APIs named in millrace.conf, composed as api-paste.ini says, on worker processes')
    .version(packageVersion(), '--version', 'print the version')
    .helpOption('--help', 'print this help')
    .addHelpText('after', EPILOG)
    .showHelpAfterError('(millrace --help says what there is)')
  withConfigOptions(program.command('serve'))
    .description('bind every enabled API and serve it until a signal says stop')
    .option('--workers <count>', 'worker processes of each API, instead of <api>_workers; 0 serves everything in this process', wholeNumber)
    .action(async (flags: ConfigFlags & { workers?: number }) => {
      const { serve } = await import('./serve.ts')
      finish(await serve(requestOf(flags, flags.workers)))
    })
  withConfigOptions(program.command('check'))
    .description('load every enabled API without serving it, and print everything that is wrong')
    .action(async (flags: ConfigFlags) => {
      const { check } = await import('./check.ts')
      finish(await check(requestOf(flags)))
    })
  withConfigOptions(program.command('show'))
    .description('print what the configuration comes to')
    .addArgument(new Argument('<topic>', 'what to show').choices(SHOW_TOPICS))
    .option('--json', 'as JSON')
    .action(async (topic: ShowTopic, flags: ConfigFlags & { json?: boolean }) => {
      const { show } = await import('./show.ts')
      finish(await show(topic, requestOf(flags), flags.json === true))
    })
  return program
}

function withConfigOptions(command: Command): Command {
  return command
    .helpOption('--help', 'print this help')
    .option('--config-file <file>', 'read this file; may be repeated, a later one wins', collect)
    .option('--config-dir <dir>', 'read the *.conf files of this directory, in order; may be repeated', collect)
    .option('--set <group.option=value>', 'set one option, over all files; may be repeated', collect)
    .option('--api <name>', 'only this one of the enabled APIs; may be repeated', collect)
}

function collect(value: string, before: string[] = []): string[] {
  return [...before, value]
}

function wholeNumber(value: string): number {
  if (!/^\d{1,4}$/.test(value)) throw new InvalidArgumentError('expected a whole number of processes.')
  return Number(value)
}

function requestOf({ configFile, configDir, set, api }: ConfigFlags, workers?: number): ConfigRequest {
  const base = { files: configFile ?? [], dirs: configDir ?? [], sets: set ?? [], cwd: process.cwd() }
  return { ...base, ...(api === undefined ? {} : { apis: api }), ...(workers === undefined ? {} : { workers }) }
}

function packageVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}
