import { Argument, type Command, InvalidArgumentError } from 'commander'
import { LOG_LEVELS } from '../service/control-commands.ts'
import { type FileFlags, requestOf, seconds, wholeNumber, withFileOptions } from './config-flags.ts'
import type { Asked } from './control.ts'

interface ControlFlags extends FileFlags {
  socket?: string
}

const EPILOG = `
The launcher is found by control_socket of the configuration, or by --socket; only the user who runs it may ask it.
Exit codes: 0 done, 1 refused, failed, or no launcher there, 2 bad usage or configuration.`

/** What makes a command, and what its flags and operands come to. */
interface ControlCommand {
  readonly name: string
  readonly description: string
  readonly examples: readonly string[]
  readonly shape?: (command: Command) => Command
  readonly ask: (flags: Readonly<Record<string, unknown>>, operands: readonly unknown[]) => Asked
}

const COMMANDS: readonly ControlCommand[] = [
  {
    name: 'status', description: 'print what the running launcher and its workers do',
    examples: ['millrace status', 'millrace status --json | jq ".services[].processes[].report.inFlight"', 'millrace status --socket /run/millrace/control'],
    shape: withJson,
    ask: ({ json }) => ({ command: 'status', json: json === true }),
  },
  {
    name: 'reload', description: 'have the configuration read again, as HUP does, and wait until that is over',
    examples: ['millrace reload', 'millrace check && millrace reload'],
    ask: () => ({ command: 'reload' }),
  },
  {
    name: 'stop', description: 'have the launcher stop, as TERM does; it does so after this command has ended',
    examples: ['millrace stop', 'millrace stop --now'],
    shape: (command) => command.option('--now', 'cut what is in flight, as a second TERM does'),
    ask: ({ now }) => ({ command: 'stop', args: { now: now === true } }),
  },
  {
    name: 'scale', description: 'give an API another number of workers, until a reload',
    examples: ['millrace scale compute 8'],
    shape: (command) => withApi(command).argument('<workers>', 'how many, 1 or more', workers),
    ask: (_, [service, count]) => ({ command: 'scale', args: { service, workers: count } }),
  },
  {
    name: 'drain', description: 'end the workers of one API gracefully, until a reload, and wait until they have ended',
    examples: ['millrace drain metadata'],
    shape: withApi,
    ask: (_, [service]) => ({ command: 'drain', args: { service } }),
  },
  {
    name: 'log-level', description: 'have the launcher and all workers log from this level on',
    examples: ['millrace log-level debug'],
    shape: (command) => command.addArgument(new Argument('<level>', 'the least severe lines to log').choices(LOG_LEVELS)),
    ask: (_, [level]) => ({ command: 'log-level', args: { level } }),
  },
  {
    name: 'stuck', description: 'print the requests and tasks that do not come forward, and the stacks of blocked main loops',
    examples: ['millrace stuck', 'millrace stuck --seconds 30 --json'],
    shape: (command) => withJson(command).option('--seconds <count>', 'only what is older', seconds, 1),
    ask: ({ json, seconds }) => ({ command: 'stuck', args: { seconds }, json: json === true }),
  },
]

/** The commands that speak to a launcher that runs. */
export function addControl(program: Command, finish: (code: number) => void): void {
  for (const { name, description, examples, shape = unchanged, ask } of COMMANDS) {
    withSocket(shape(withFileOptions(program.command(name))), examples)
      .description(description)
      .action(async (...given: unknown[]) => {
        const [flags] = given.splice(-2) as [ControlFlags]
        const { control } = await import('./control.ts')
        finish(await control({ ...requestOf(flags), socket: flags.socket }, ask({ ...flags }, given)))
      })
  }
  addTop(program, finish)
}

function unchanged(command: Command): Command {
  return command
}

function addTop(program: Command, finish: (code: number) => void): void {
  withSocket(withFileOptions(program.command('top')), ['millrace top', 'millrace top --interval 10 >> status.txt'])
    .description('print the status again and again, with requests a second, until q or Ctrl-C')
    .option('--interval <seconds>', 'how long between two, 0.1 or more', interval, 2)
    .action(async (flags: ControlFlags & { interval: number }) => {
      const { top } = await import('./top.ts')
      finish(await top({ ...requestOf(flags), socket: flags.socket }, flags.interval))
    })
}

function withSocket(command: Command, examples: readonly string[]): Command {
  return command
    .option('--socket <path>', 'the control socket; the configuration is not read then')
    .addHelpText('after', `${EPILOG}\n\nExamples:\n${examples.map((example) => `  ${example}`).join('\n')}`)
}

function withJson(command: Command): Command {
  return command.option('--json', 'as JSON')
}

function withApi(command: Command): Command {
  return command.argument('<api>', 'its name in the configuration')
}

function workers(value: string): number {
  const count = wholeNumber(value)
  if (count === 0) throw new InvalidArgumentError('expected 1 or more; drain ends all of them.')
  return count
}

function interval(value: string): number {
  const found = seconds(value)
  if (found < 0.1) throw new InvalidArgumentError('expected 0.1 seconds or more.')
  return found
}
