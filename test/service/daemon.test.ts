import { execFile, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { isDaemon, type Surroundings } from '../../src/service/daemon.ts'

const PTS_3 = 136 * 256 + 3

function stat({ name = 'node', group = 7, terminal = PTS_3, foreground = 7 } = {}): string {
  return `7 (${name}) S 1 ${group} 5 ${terminal} ${foreground} 4194304 2597 0 0 0 10 0\n`
}

const FOREGROUND: Surroundings = { wasTerminal: true, isTerminal: true, device: PTS_3, stat: stat() }

test.each<[what: string, seen: Partial<Surroundings>, daemon: boolean]>([
  ['our group in the foreground of our terminal', {}, false],
  ['another group in the foreground', { stat: stat({ foreground: 8 }) }, true],
  ['a name with a parenthesis and blanks', { stat: stat({ name: 'a) S 1 8 5' }) }, false],
  ['such a name, in the background', { stat: stat({ name: 'a) S 1 7 5', foreground: 8 }) }, true],
  ['a terminal that is not ours', { device: PTS_3 + 1 }, true],
  ['no terminal of our own (setsid)', { stat: stat({ terminal: 0, foreground: -1 }) }, true],
  ['/dev/tty for standard output', { device: 0x500 }, false],
  ['/dev/tty for standard output, without a terminal of our own', { device: 0x500, stat: stat({ terminal: 0, foreground: -1 }) }, true],
  ['a file for standard output', { wasTerminal: false, isTerminal: false, device: 0 }, true],
  ['a terminal that was closed', { isTerminal: false, stat: stat({ terminal: 0, foreground: -1 }) }, false],
  ['a system without /proc, at a terminal', { stat: null }, false],
  ['a system without /proc, without a terminal', { wasTerminal: false, isTerminal: false, stat: null }, true],
  ['a stat that says nothing', { stat: '' }, true],
])('%s: daemon is %s', (_what, seen, daemon) => {
  expect(isDaemon({ ...FOREGROUND, ...seen })).toBe(daemon)
})

const FIXTURE = fileURLToPath(new URL('tell-daemon.mjs', import.meta.url))
/** util-linux's: other systems have another program of that name. */
const hasScript = process.platform === 'linux' && spawnSync('script', ['--version']).stdout?.includes('util-linux')

/** What the fixture says when a shell runs this at a terminal of its own. */
async function atTerminal(command: string): Promise<string> {
  const { stdout } = await promisify(execFile)('script', ['-qec', command.replaceAll('FIXTURE', `"${process.execPath}" "${FIXTURE}"`), '/dev/null'])
  return stdout
}

test.skipIf(!hasScript).each<[what: string, command: string, said: string]>([
  ['at a terminal', 'FIXTURE', 'foreground'],
  ['with its output in a pipe', 'FIXTURE | cat', 'daemon'],
  ['in a session of its own', 'setsid -w FIXTURE', 'daemon'],
  ['in the background of a shell with job control', 'set -m; FIXTURE & wait', 'daemon'],
])('a process %s (a real one) is told', async (_what, command, said) => {
  expect(await atTerminal(command)).toContain(said)
})

test('this process is asked about when nothing is given', async () => {
  const { stderr } = await promisify(execFile)(process.execPath, [FIXTURE])
  expect(stderr).toBe('daemon\n')
})
