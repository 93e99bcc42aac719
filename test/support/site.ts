import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test as base } from 'vitest'
import { CliProcess, type Finished } from './cli.ts'

/** The folder of the apps that are served in tests. */
const APPS = fileURLToPath(new URL('../fixtures/apps', import.meta.url))

type Values = Readonly<Record<string, string | number | boolean>>

export interface SitePlan {
  /** Sections of millrace.conf. What is not said: quiet options, and for each API a port of its own on 127.0.0.1 and one worker. */
  readonly conf?: Readonly<Record<string, Values>>
  /** The API's name, and its app's file in test/fixtures/apps. */
  readonly apis?: Readonly<Record<string, string>>
  /** The text of api-paste.ini besides the sections of `apis`; `%(apps)s` is the folder of the apps. */
  readonly paste?: string
  /** Any other file. */
  readonly files?: Readonly<Record<string, string>>
}

/** A folder with a configuration, and the command run in it. */
export class Site {
  readonly dir: string
  readonly #processes: CliProcess[] = []

  constructor({ conf = {}, apis = {}, paste = '', files = {} }: SitePlan) {
    this.dir = mkdtempSync(join(tmpdir(), 'millrace-'))
    this.write('millrace.conf', renderConf(conf, Object.keys(apis)))
    this.write('api-paste.ini', `[DEFAULT]\napps = ${APPS}\n${paste}\n${Object.entries(apis).map(renderApi).join('\n')}`)
    for (const [name, text] of Object.entries(files)) this.write(name, text)
  }

  path(name: string): string {
    return join(this.dir, name)
  }

  write(name: string, text: string): void {
    mkdirSync(dirname(this.path(name)), { recursive: true })
    writeFileSync(this.path(name), text)
  }

  read(name: string): string {
    return readFileSync(this.path(name), 'utf8')
  }

  /** The command, started and not waited for. */
  start(...args: string[]): CliProcess {
    const started = new CliProcess(args, this.dir)
    this.#processes.push(started)
    return started
  }

  /** `millrace serve`, when every API serves. */
  serve(...args: string[]): Promise<CliProcess> {
    return this.start('serve', ...args).ready()
  }

  /** The command, to its end. */
  run(...args: string[]): Promise<Finished> {
    return this.start(...args).finished()
  }

  async dispose(): Promise<void> {
    await Promise.all(this.#processes.map((each) => each.kill()))
    rmSync(this.dir, { recursive: true, force: true })
  }
}

/** A test that can make sites; they and their processes end with it. */
export const test = base.extend<{ makeSite: (plan?: SitePlan) => Site }>({
  makeSite: async ({ onTestFinished }, use) => {
    await use((plan = {}) => {
      const site = new Site(plan)
      onTestFinished(() => site.dispose())
      return site
    })
  },
})

function renderConf({ DEFAULT = {}, ...others }: Readonly<Record<string, Values>>, apis: readonly string[]): string {
  const perApi = apis.map((api) => ({ [`${api}_listen`]: '127.0.0.1', [`${api}_listen_port`]: 0, [`${api}_workers`]: 1 }))
  const defaults = Object.assign({ enabled_apis: apis.join(', '), log_level: 'debug', log_options: false }, ...perApi, DEFAULT) as Values
  return Object.entries({ DEFAULT: defaults, ...others }).map(renderSection).join('\n')
}

function renderSection([name, values]: [string, Values]): string {
  return [`[${name}]`, ...Object.entries(values).map(([option, value]) => `${option} = ${value}`), ''].join('\n')
}

function renderApi([api, file]: [string, string]): string {
  return `[app:${api}]\npaste.app_factory = %(apps)s/${file}:factory\n`
}
