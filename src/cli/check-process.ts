import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { ConfigRequest } from '../config/load.ts'
import { ConfigError, type ConfigProblem } from '../errors.ts'

const PROGRAM = fileURLToPath(new URL('../cli.js', import.meta.url))
/** For all that can be wrong with a configuration. */
const MOST_OUTPUT = 16 * 2 ** 20

/**
 * `millrace check` in a process of its own, which does not disturb this one whatever the files have come to. Rejects with ConfigError: everything that
 * it finds wrong. Rejects with Error when that takes longer than so many seconds; 0 is no limit.
 */
export async function checkInProcess(request: ConfigRequest, seconds: number): Promise<void> {
  const output = await run(['check', '--json', '--timeout', String(seconds), ...argumentsOf(request)], { cwd: request.cwd, seconds })
  const findings = JSON.parse(output, dropNull) as (ConfigProblem & { level: string })[]
  const [first, ...others] = findings.filter(({ level }) => level === 'error')
  if (first !== undefined) throw new ConfigError([first, ...others])
}

/** What a finding does not have is null in JSON. */
function dropNull(_key: string, value: unknown): unknown {
  return value === null ? undefined : value
}

function argumentsOf({ files = [], dirs = [], sets = [], apis = [] }: ConfigRequest): string[] {
  return [
    ...files.flatMap((file) => ['--config-file', file]),
    ...dirs.flatMap((dir) => ['--config-dir', dir]),
    ...sets.flatMap((set) => ['--set', set]),
    ...apis.flatMap((api) => ['--api', api]),
  ]
}

/** Its standard output, whatever its exit code: that only says whether it found something. It does not outlive this process. */
function run(args: readonly string[], { cwd, seconds }: { cwd: string | undefined; seconds: number }): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { cwd, maxBuffer: MOST_OUTPUT, timeout: seconds * 1000, killSignal: 'SIGKILL' } as const
    const child = execFile(process.execPath, [...process.execArgv, PROGRAM, ...args], options, (error, stdout, stderr) => {
      process.off('exit', end)
      const reason = error?.killed === true ? `that takes longer than ${seconds} s` : stderr.trim() || error?.message || 'no answer'
      if (stdout.trim() !== '') resolve(stdout)
      else reject(new Error(`the configuration could not be checked: ${reason}`))
    })
    const end = (): void => void child.kill('SIGKILL')
    process.once('exit', end)
  })
}
