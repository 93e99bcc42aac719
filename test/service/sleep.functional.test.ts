import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const DIST = new URL('../../dist/', import.meta.url)

test('a process that sleeps between two tries does not end meanwhile', async () => {
  const script = `
    import { retry } from '${new URL('service/retry.js', DIST).href}'
    let tries = 0
    const run = retry(() => { tries += 1; if (tries < 3) throw new Error('busy'); return 'done' }, { exceptions: [Error], incSleepTime: 0.01 })
    console.log(await run(), tries)`
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script])
  expect(stdout).toBe('done 3\n')
})
