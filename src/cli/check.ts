import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { type ConfigRequest, loadConfig } from '../config/load.ts'
import { loaderOf } from './api.ts'
import { exitCodes } from './exit-codes.ts'

/** One thing wrong, as the child found it. */
interface Finding {
  readonly level: 'error' | 'warning'
  readonly message: string
}

/** What the child says: its findings, API by API, and that it is done. */
export interface CheckReport {
  readonly apis: readonly string[]
  readonly findings: readonly Finding[]
}

/**
 * `millrace check`: loads every enabled API in a child process, so that whatever the apps do while they load ends with it, and nothing
 * is bound. Prints what is wrong to standard error; resolves with the exit code.
 */
export async function check(request: ConfigRequest): Promise<number> {
  const report = await askChild(request)
  for (const { level, message } of report.findings) process.stderr.write(`${level}: ${message}\n`)
  const errors = report.findings.filter(({ level }) => level === 'error').length
  if (errors > 0) return exitCodes.usage
  process.stdout.write(`ok: ${report.apis.join(', ')} can be served\n`)
  return exitCodes.ok
}

function askChild(request: ConfigRequest): Promise<CheckReport> {
  const child = fork(fileURLToPath(new URL('./check-main.js', import.meta.url)), { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  return new Promise((resolve, reject) => {
    child.once('message', (report) => {
      resolve(report as CheckReport)
      child.kill('SIGKILL')
    })
    child.once('error', reject)
    child.once('exit', (code, signal) => {
      const message = `an app ended the process while it was loaded (${signal ?? `exit code ${code}`})`
      resolve({ apis: [], findings: [{ level: 'error', message }] })
    })
    child.send(request)
  })
}

/** The child's side: everything that is wrong, not only the first thing. */
export async function findProblems(request: ConfigRequest): Promise<CheckReport> {
  const config = loadConfig(request)
  const findings: Finding[] = config.warnings
    .filter(({ level }) => level === 'warn')
    .map(({ file, line, message }) => ({ level: 'warning', message: `${line === undefined ? file : `${file}:${line}`}: ${message}` }))
  for (const api of config.apis) {
    try {
      await loaderOf(api).loadApp(api.name)
    } catch (error) {
      findings.push({ level: 'error', message: error instanceof Error ? error.message : String(error) })
    }
  }
  if (config.apis.length === 0) findings.push({ level: 'error', message: 'enabled_apis names no API' })
  return { apis: config.apis.map(({ name }) => name), findings }
}
