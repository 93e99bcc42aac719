import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { builtins } from '../src/builtins.ts'
import { renderOptionTable } from '../src/config/options.ts'
import { protocolErrors } from '../src/http/protocol-errors.ts'

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')

function section(name: string): string {
  const [, found = ''] = new RegExp(`<!-- ${name} -->\\n(.*)<!-- /${name} -->`, 's').exec(readme) ?? []
  return found
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
  const chapters = ['compose', 'middleware', 'paste', 'router'].map((folder) => readFileSync(new URL(`../src/${folder}/README.md`, import.meta.url), 'utf8'))
  const names = new Set(builtins.flatMap(({ names }) => names))
  const named = new Set([readme, ...chapters].flatMap((text) => [...text.matchAll(/egg:((?:millrace|Paste|PasteDeploy|oslo\.middleware)#\w+)/g)].map(([, name = '']) => name)))

  it('name everything that is built in', () => {
    const own = [...names].filter((name) => name.startsWith('millrace#'))
    expect(own.filter((name) => !named.has(name))).toEqual([])
  })

  it('name nothing else, but for what they say is not there', () => {
    expect([...named].filter((name) => !names.has(name))).toEqual(['oslo.middleware#ssl'])
  })
})

it('README shows a pipeline as the command shows it', () => {
  const root = new URL('..', import.meta.url)
  const shown = execFileSync(process.execPath, ['dist/cli.js', 'show', 'pipelines', '--api', 'metadata'], { cwd: root, encoding: 'utf8' })
  expect(readme).toContain(shown)
})
