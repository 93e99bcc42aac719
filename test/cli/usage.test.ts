import { readFileSync } from 'node:fs'
import { describe, expect } from 'vitest'
import { test } from '../support/site.ts'

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }

describe.concurrent('millrace', () => {
  test('--version prints the package\'s version', async ({ makeSite }) => {
    expect(await makeSite().run('--version')).toEqual({ code: 0, signal: null, stdout: `${version}\n`, stderr: '' })
  })

  test.for([
    { args: ['--help'], shows: ['serve', 'check', 'show', '--version', 'Exit codes: 0'] },
    { args: ['serve', '--help'], shows: ['--config-file <file>', '--config-dir <dir>', '--set <group.option', '--api <', '--workers <'] },
    { args: ['serve', '--help'], shows: ['exit code 2', 'exit code 1', 'millrace serve --api compute --workers 0'] },
    { args: ['check', '--help'], shows: ['--timeout <seconds>', '--json', 'level, api, file, line, section, option', 'millrace check --api compute --timeout 5'] },
    { args: ['show', '--help'], shows: ['pipelines', 'config', 'routes', '--json', '--mermaid', 'millrace show pipelines --api compute --mermaid'] },
  ])('$args says what there is', async ({ args, shows }, { makeSite }) => {
    const { code, stdout, stderr } = await makeSite().run(...args)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    for (const text of shows) expect(stdout).toContain(text)
  })

  test.for([
    { why: 'no command', args: [], hint: 'Usage: millrace' },
    { why: 'an unknown command', args: ['srve'], hint: 'Did you mean serve?' },
    { why: 'an unknown option', args: ['serve', '--sett', 'x=1'], hint: 'Did you mean --set?' },
    { why: 'an option without its value', args: ['serve', '--set'], hint: 'millrace --help' },
    { why: 'a number of workers that is none', args: ['serve', '--workers', 'many'], hint: 'expected a whole number of processes' },
    { why: 'a flowchart of what has none', args: ['show', 'config', '--mermaid'], hint: '--mermaid is for pipelines' },
    { why: 'two formats', args: ['show', 'pipelines', '--json', '--mermaid'], hint: 'cannot be used with' },
    { why: 'a time that is none', args: ['check', '--timeout', 'long'], hint: 'expected a number of seconds' },
    { why: 'a topic that cannot be shown', args: ['show', 'weather'], hint: 'pipelines, config, routes' },
    { why: 'an argument too many', args: ['check', 'compute'], hint: 'millrace --help' },
  ])('given $why exits with 2 and a hint', async ({ args, hint }, { makeSite }) => {
    const { code, stdout, stderr } = await makeSite().run(...args)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(hint)
  })
})
