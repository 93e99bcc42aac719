import { expect, test } from 'vitest'
import { lintApp } from '../../src/compose/lint.ts'
import { config } from '../../src/middleware/config.ts'
import { makeRequest } from '../support/make-request.ts'

test('puts a copy of the configuration into the environ, the section over the defaults', async () => {
  const globalConf = { debug: 'false', here: '/etc' }
  const localConf = { debug: 'true' }
  const filter = await config(globalConf, localConf)
  const seen: unknown[] = []
  const app = lintApp(
    filter(
      lintApp((request) => {
        const found = request.environ['paste.config'] as Record<string, string>
        seen.push({ ...found })
        found['debug'] = 'changed'
        return { status: 204 }
      }),
    ),
  )
  await app(makeRequest())
  await app(makeRequest())
  expect(seen).toEqual([{ debug: 'true', here: '/etc' }, { debug: 'true', here: '/etc' }])
})
