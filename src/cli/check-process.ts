import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { ConfigRequest } from '../config/load.ts'
import { ConfigError, type ConfigProblem } from '../errors.ts'

const PROGRAM = fileURLToPath(new URL('../cli.js', import.meta.url))
/** For all that can be wrong with a configuration. */
const MOST_OUTPUT = 16 * 2 ** 20

/**
 * `millrace check` in a process of its own, which does not disturb this one whatever the files have come to. Rejects with ConfigError: everything that
 * it finds wrong.
 */
export async function checkInProcess(request: ConfigRequest): Promise<void> {
  const output = await run(['check', '--json', ...argumentsOf(request)], request.cwd)
  const findings = JSON.parse(output) as (ConfigProblem & { level: string })[]
  const [first, ...others] = findings.filter(({ level }) => level === 'error')
  if (first !== undefined) throw new ConfigError([first, ...others])
}

function argumentsOf({ files, dirs, sets, apis = [] }: ConfigRequest): string[] {
  return [
    ...files.flatMap((file) => ['--config-file', file]),
    ...dirs.flatMap((dir) => ['--config-dir', dir]),
    ...sets.flatMap((set) => ['--set', set]),
    ...apis.flatMap((api) => ['--api', api]),
  ]
}

/** Its standard output, whatever its exit code: that only says whether it found something. */
function run(args: readonly string[], cwd: string | undefined): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [...process.execArgv, PROGRAM, ...args], { cwd, maxBuffer: MOST_OUTPUT }, (error, stdout, stderr) => {
      if (stdout.trim() !== '') resolve(stdout)
      else reject(new Error(`the configuration could not be checked: ${stderr.trim() || error?.message || 'no answer'}`))
    })
  })
}
