import { describe, expect, it } from 'vitest'
import { readCases, replay } from '../../paste/recorded/replay.ts'

const GROUPS = ['urlmap', 'domains', 'nova-urlmap', 'auth-pipeline', 'prefix']

describe('what Paste, PasteDeploy and nova were seen to compose', () => {
  it.each(readCases(import.meta.dirname, GROUPS))('$group: $name', async ({ files, loads, deviates }) => {
    for (const load of loads) {
      expect.soft(await replay(files, load), deviates).toEqual(load.expect)
    }
  })
})
