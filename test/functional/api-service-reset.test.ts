import { expect } from 'vitest'
import { test } from '../support/program.ts'
import { RawClient } from '../support/raw-client.ts'
import { Site } from '../support/site.ts'

test('an API of a program takes over its configuration at HUP, and a bad file leaves it as it is', async ({ run, onTestFinished }) => {
  const site = new Site({ apis: { compute: 'echo.ts' } })
  onTestFinished(() => site.dispose())
  const conf = site.read('millrace.conf')
  site.write('app.mjs', 'export const factory = () => async (request) => ({ body: await request.text() })\n')
  site.write('api-paste.ini', '[app:compute]\npaste.app_factory = ./app.mjs:factory\n')
  const running = run('reset-program.mjs', { file: site.path('millrace.conf') })
  const [{ port }] = (await running.line('ready'))['apis'] as [{ port: number }]
  const status = async (): Promise<number> => {
    const client = await RawClient.connect(port)
    const { status } = await client.ask('POST', '/', { body: 'ten octets' })
    client.close()
    return status
  }
  expect(await status()).toBe(200)
  site.write('millrace.conf', `${conf}\n[wsgi]\nmax_body_size = 5\n`)
  running.signal('SIGHUP')
  await running.line('reloaded')
  expect(await status()).toBe(413)
  site.write('millrace.conf', '[DEFAULT\n')
  running.signal('SIGHUP')
  expect(await running.line('reload.failed')).toMatchObject({ message: expect.stringContaining('millrace.conf') })
  expect(await status()).toBe(413)
  running.signal('SIGTERM')
  expect(await running.exited()).toBe(0)
}, 60_000)
