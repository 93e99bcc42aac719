import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { builtins } from '../src/builtins.ts'
import { exitCodes } from '../src/cli/exit-codes.ts'
import { createProgram } from '../src/cli/program.ts'
import { API_OPTIONS, DEFAULT_OPTIONS } from '../src/config/default-options.ts'
import { type OptionRow, renderOptionTable } from '../src/config/options.ts'
import { WSGI_OPTIONS } from '../src/config/wsgi-options.ts'
import { protocolErrors } from '../src/http/protocol-errors.ts'
import { readCall } from '../src/service/control-commands.ts'
import { SIGNALS } from '../src/service/launcher-signals.ts'
import { DEFAULT_LIMITS } from '../src/service/supervision-limits.ts'
import * as services from '../src/services.ts'

const ROOT = new URL('..', import.meta.url)
const readme = read('README.md')

function read(file: string): string {
  return readFileSync(new URL(file, ROOT), 'utf8')
}

function section(name: string, text = readme): string {
  const [, found = ''] = new RegExp(`<!-- ${name} -->\\n(.*)<!-- /${name} -->`, 's').exec(text) ?? []
  return found
}

/** The first cell of each row of the table. */
function firstCells(table: string): string[] {
  return table.trim().split('\n').slice(2).map((row) => row.split(' | ', 1)[0]!.replace(/^\| /, ''))
}

/** Whether there is such a file, and in it such a heading, as GitHub names them. */
function leads({ href, hash }: URL): boolean {
  const file = new URL(href.replace(hash, ''))
  if (!existsSync(file)) return false
  const headings = hash === '' ? [] : [...readFileSync(file, 'utf8').matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => heading)
  return hash === '' || headings.some((heading) => `#${heading.toLowerCase().replaceAll(/[^\w\- ]/g, '').replaceAll(' ', '-')}` === hash)
}

/** A value for each argument of the control socket's commands. */
const ARGUMENTS: Readonly<Record<string, unknown>> = { service: 'compute', workers: 2, level: 'debug', seconds: 5, now: true }

/** What is told once for all commands. */
const SHARED = ['--config-file', '--config-dir', '--set', '--api', '--socket', '--help']

function isMutable({ mutable }: Pick<OptionRow, 'mutable'>): boolean {
  return mutable
}

function renderProtocolErrors(): string {
  const rows = Object.values(protocolErrors).map(({ status, reason, clause }) => `| ${status} | ${reason} | ${clause} |`)
  return ['| status | when | clause |', '|---|---|---|', ...rows, ''].join('\n')
}

it('README has the option table as the code has it', () => {
  expect(section('options')).toBe(renderOptionTable())
})

it('README has the table of protocol errors as the code has it', () => {
  expect(section('protocol-errors')).toBe(renderProtocolErrors())
})

describe('the chapters beside the sources', () => {
  const files = readdirSync(new URL('src', ROOT), { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('README.md')).map((file) => `src/${file}`)
  const chapters = files.map(read)
  const names = new Set(builtins.flatMap(({ names }) => names))
  const named = new Set([readme, ...chapters].flatMap((text) => [...text.matchAll(/egg:((?:millrace|Paste|PasteDeploy|oslo\.middleware)#\w+)/g)].map(([, name = '']) => name)))

  it('are in the table of README', () => {
    expect(files.filter((file) => !new RegExp(`^\\| \\[[^\\]]*\\]\\(${file}\\)`, 'm').test(readme))).toEqual([])
  })

  it.each(['README.md', ...files])('%s has no link that leads nowhere', (file) => {
    const links = [...read(file).replaceAll(/```.*?```/gs, '').matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link).filter((link) => !/^\w+:/.test(link))
    expect(links.filter((link) => !leads(new URL(link, new URL(file, ROOT))))).toEqual([])
  })

  it('name everything that is built in', () => {
    const own = [...names].filter((name) => name.startsWith('millrace#'))
    expect(own.filter((name) => !named.has(name))).toEqual([])
  })

  it('name nothing else, but for what they say is not there', () => {
    expect([...named].filter((name) => !names.has(name))).toEqual(['oslo.middleware#ssl'])
  })
})

it('README has a row for each signal that a launcher listens to, and for no other but KILL', () => {
  const named = firstCells(section('signals')).flatMap((cell) => cell.split(', ')).map((name) => `SIG${name}`)
  expect(named.toSorted()).toEqual([...Object.keys(SIGNALS.RUNNING), 'SIGKILL'].toSorted())
})

it('README has a row for each command, with its options', () => {
  const rows = firstCells(section('commands'))
  const { commands } = createProgram(() => undefined)
  const named = new Set(rows.flatMap((cell) => /^`millrace ([\w-]+)/.exec(cell)?.[1] ?? []))
  expect([...named].toSorted()).toEqual(['--help', ...commands.map((command) => command.name())].toSorted())
  for (const command of commands) {
    const text = rows.filter((cell) => new RegExp(`^\`millrace ${command.name()}\\b`).test(cell)).join(' ')
    const own = command.options.map(({ long }) => long!).filter((long) => !SHARED.includes(long))
    expect([command.name(), ...own.filter((long) => !text.includes(long))]).toEqual([command.name()])
  }
})

it('the chapter on options tells of each mutable one when it takes effect, and of no other', () => {
  const named = [...section('mutable', read('src/config/README.md')).matchAll(/`([a-z_<>]+)`/g)].map(([, name]) => name!)
  const rows: readonly OptionRow[] = [...DEFAULT_OPTIONS, ...WSGI_OPTIONS]
  const mutable = [...rows.filter(isMutable).map(({ name }) => name), ...API_OPTIONS.filter(isMutable).map(({ name }) => `<api>_${name}`)]
  expect([...new Set(named)].toSorted()).toEqual(mutable.toSorted())
})

it('README has the exit codes', () => {
  const [, table = ''] = /^## Exit codes\n\n(.*?)\n\n/ms.exec(readme) ?? []
  expect(firstCells(table).map(Number)).toEqual(Object.values(exitCodes))
})

it('README and the chapter on options tell what takes a new start', () => {
  const rows: readonly OptionRow[] = [...DEFAULT_OPTIONS, ...WSGI_OPTIONS]
  const fixed = rows.filter((row) => row.fixed === true).map(({ name }) => `\`${name}\``)
  expect(readme).toContain(`${fixed.slice(0, -1).join(', ')} and ${fixed.at(-1)} take a new start.`)
  expect(read('src/config/README.md')).toContain(`| another ${fixed.join(', ')} |`)
})

describe('the chapter on services', () => {
  const chapter = read('src/service/README.md')

  it('names everything that millrace/service exports', () => {
    expect(Object.keys(services).filter((name) => !new RegExp(`\\b${name}\\b`).test(chapter))).toEqual([])
  })

  it('imports nothing from the package that is not there', () => {
    const imports = [...chapter.matchAll(/import \{([^}]*)\} from 'millrace\/service'/g)].flatMap(([, names]) => names!.split(',').map((name) => name.trim()))
    expect(imports.filter((name) => !Object.hasOwn(services, name))).toEqual([])
  })

  it('has each limit of supervision', () => {
    expect(Object.keys(DEFAULT_LIMITS).filter((name) => !chapter.includes(`\`${name}\``))).toEqual([])
  })

  it('has the commands of the control socket, each with its arguments', () => {
    const rows = chapter.split('## The control socket')[1]!.split('\n## ')[0]!.matchAll(/^\| `([\w-]+)` \|([^|]*)\|/gm)
    const commands = new Map([...rows].map(([, name = '', args = '']) => [name, [...args.matchAll(/`(\w+)`/g)].map(([, argument]) => argument!)]))
    const local = ['serve', 'check', 'show', 'top']
    expect([...commands.keys()].toSorted()).toEqual(['ping', ...createProgram(() => undefined).commands.map((command) => command.name()).filter((name) => !local.includes(name))].toSorted())
    for (const [name, args] of commands) {
      const values = Object.fromEntries(args.map((argument) => [argument, ARGUMENTS[argument]]))
      expect(readCall(name, values).args).toEqual(values)
    }
  })
})

it('README shows a pipeline as the command shows it', () => {
  const shown = execFileSync(process.execPath, ['dist/cli.js', 'show', 'pipelines', '--api', 'metadata'], { cwd: ROOT, encoding: 'utf8' })
  expect(readme).toContain(shown)
})
