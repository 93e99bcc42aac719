import { fileURLToPath } from 'node:url'
import { describe, expect } from 'vitest'
import { CliProcess } from '../support/cli.ts'
import { type Site, test } from '../support/site.ts'

const LAUNCHER = fileURLToPath(new URL('../fixtures/apps/control-launcher.mjs', import.meta.url))

/** A launcher whose control socket the site's configuration names. */
async function launch(site: Site, special: object, onTestFinished: (run: () => Promise<void>) => void): Promise<CliProcess> {
  const launcher = new CliProcess([site.path('control'), JSON.stringify(special)], site.dir, { file: LAUNCHER })
  onTestFinished(() => launcher.kill())
  return launcher.ready()
}

function callsOf(launcher: CliProcess): unknown[] {
  return launcher.log('called').map((line) => line['call'])
}

const CONF = { DEFAULT: { control_socket: 'control' } }

describe.concurrent('a command that speaks to a launcher', () => {
  test.for<[args: string[], calls: unknown[][], says: string]>([
    [['reload'], [['restart']], 'reloaded, 2 workers were replaced\n'],
    [['stop'], [['stop', 'graceful']], 'the launcher stops\n'],
    [['stop', '--now'], [['stop', 'immediate']], 'the launcher stops at once\n'],
    [['scale', 'compute', '3'], [['scale', 'compute', 3]], 'compute goes from 2 to 3 workers\n'],
    [['drain', 'compute'], [['drain', 'compute']], 'compute is drained\n'],
    [['log-level', 'debug'], [['setLogLevel', 'debug']], 'the log level is debug\n'],
    [['stuck'], [['stuck', 1]], 'nothing is stuck\n'],
    [['stuck', '--seconds', '2.5', '--json'], [['stuck', 2.5]], '[]\n'],
  ])('%j', async ([args, calls, says], { makeSite, onTestFinished }) => {
    const site = makeSite({ conf: CONF })
    const launcher = await launch(site, {}, onTestFinished)
    expect(await site.run(...args)).toEqual({ code: 0, signal: null, stdout: says, stderr: '' })
    await launcher.line('called')
    expect(callsOf(launcher)).toEqual(calls)
  })

  test('status is a table, in which nothing speaks to the terminal', async ({ makeSite, onTestFinished }) => {
    const site = makeSite({ conf: CONF })
    const launcher = await launch(site, {}, onTestFinished)
    const { code, stdout } = await site.run('status')
    expect(code).toBe(0)
    expect(stdout).toContain(`launcher ${launcher.pid}: running, up for 1 h 2 m\n`)
    expect(stdout).toMatch(/^compute {2}127\.0\.0\.1:8774 {2}serving {2}1\/2 +0 +7 +1$/m)
    expect(stdout).toMatch(/^compute {2}101 {2}ready +1 h 2 m +0\.3 s +1050 +2 +1 +3 +2 +0 +12 ms +64\.0 MiB$/m)
    expect(stdout).toContain('odd\\u001b[2J')
    expect(stdout).not.toContain('\u001b')
  })

  test('status as JSON is all that the launcher says', async ({ makeSite, onTestFinished }) => {
    const site = makeSite({ conf: CONF })
    const launcher = await launch(site, {}, onTestFinished)
    const { code, stdout } = await site.run('status', '--json')
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ pid: launcher.pid, state: 'RUNNING', services: [{ name: 'compute', processes: [{ pid: 101 }, { report: null }] }, {}] })
  })

  test('stuck tells work, and the stacks of blocked main loops', async ({ makeSite, onTestFinished }) => {
    const site = makeSite({ conf: CONF })
    const work = [{ id: 'req-1', what: 'GET /x\u001b]0;y', seconds: 75, phase: 'waiting for the app', client: '192.0.2.1' }]
    await launch(site, { stuck: [{ service: 'compute', pid: 7, work, stack: 'at spin' }] }, onTestFinished)
    const { stdout } = await site.run('stuck')
    expect(stdout).toContain('compute 7\n')
    expect(stdout).toContain('GET /x\\u001b]0;y')
    expect(stdout).toContain('its main loop is blocked:\n  at spin\n')
  })

  test.for<[why: string, special: object, args: string[], says: string]>([
    ['a failed reload', { reload: { done: false, replaced: 0, reason: 'wrong' } }, ['reload'], 'the reload failed, everything stays as it was: wrong'],
    ['a reload that failed on the way', { reload: { done: false, replaced: 1 } }, ['reload'], 'the reload failed, after 1 worker was replaced: the log tells why'],
    ['a drain that cut', { drain: { clean: false, cut: 1 } }, ['drain', 'compute'], 'compute is drained, but not cleanly: 1 request was cut'],
    ['a drain that cut more', { drain: { clean: false, cut: 2 } }, ['drain', 'compute'], 'compute is drained, but not cleanly: 2 requests were cut'],
    ['an API there is not', {}, ['scale', 'x', '2'], 'there is no service x, only compute'],
  ])('%s exits with 1', async ([_why, special, args, says], { makeSite, onTestFinished }) => {
    const site = makeSite({ conf: CONF })
    await launch(site, special, onTestFinished)
    expect(await site.run(...args)).toEqual({ code: 1, signal: null, stdout: '', stderr: `millrace: ${says}\n` })
  })

  test('a mutation replaces nobody', async ({ makeSite, onTestFinished }) => {
    const site = makeSite({ conf: CONF })
    await launch(site, { reload: { done: true, replaced: 0 } }, onTestFinished)
    expect(await site.run('reload')).toMatchObject({ code: 0, stdout: 'the configuration was taken over\n' })
  })

  test('--socket needs no configuration', async ({ makeSite, onTestFinished }) => {
    const site = makeSite({ conf: CONF })
    await launch(site, {}, onTestFinished)
    site.write('millrace.conf', 'nonsense')
    expect(await site.run('reload', '--socket', 'control')).toMatchObject({ code: 0 })
  })

  test('a configuration that is wrong elsewhere is no reason not to ask', async ({ makeSite, onTestFinished }) => {
    const site = makeSite({ conf: { DEFAULT: { control_socket: 'control', log_level: 'loud' } } })
    await launch(site, {}, onTestFinished)
    expect(await site.run('reload')).toMatchObject({ code: 0 })
  })

  test('no launcher there exits with 1', async ({ makeSite }) => {
    const site = makeSite({ conf: CONF })
    expect(await site.run('status')).toEqual({
      code: 1, signal: null, stdout: '',
      stderr: `millrace: ${site.path('control')}: nobody listens there: the launcher does not run, or has another control_socket\n`,
    })
  })

  test('no control_socket exits with 2, and says how to have one', async ({ makeSite }) => {
    const { code, stderr } = await makeSite().run('status')
    expect(code).toBe(2)
    expect(stderr).toContain('[DEFAULT] control_socket: is not set, and without it no launcher can be asked')
    expect(stderr).toContain('--socket')
  })

  test('no control_socket as the file is broken tells that', async ({ makeSite }) => {
    const { code, stderr } = await makeSite({ conf: { DEFAULT: { log_level: 'loud' } } }).run('status')
    expect(code).toBe(2)
    expect(stderr).toContain('log_level: is not valid')
  })

  test.for<[args: string[], hint: string]>([
    [['scale', 'compute'], "missing required argument 'workers'"],
    [['scale', 'compute', '0'], 'expected 1 or more; drain ends all of them.'],
    [['scale', 'compute', 'many'], 'expected a whole number of processes'],
    [['drain'], "missing required argument 'api'"],
    [['log-level', 'loud'], 'fatal, error, warn, info, debug, trace, silent'],
    [['stuck', '--seconds', '-1'], 'expected a number of seconds'],
    [['stop', 'now'], 'too many arguments'],
  ])('%j exits with 2 and a hint', async ([args, hint], { makeSite }) => {
    const { code, stderr } = await makeSite({ conf: CONF }).run(...args)
    expect(code).toBe(2)
    expect(stderr).toContain(hint)
  })

  test.for(['status', 'reload', 'stop', 'scale', 'drain', 'log-level', 'stuck'])('%s --help has examples', async (command, { makeSite }) => {
    const { code, stdout } = await makeSite().run(command, '--help')
    expect(code).toBe(0)
    for (const text of ['--socket <path>', '--config-file <file>', 'Exit codes: 0 done', `Examples:\n  millrace ${command}`]) expect(stdout).toContain(text)
  })
})
