import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
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
