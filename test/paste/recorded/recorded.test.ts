import { describe, expect, it } from 'vitest'
import { readCases, replay } from './replay.ts'

const GROUPS = ['uris', 'grammar', 'interpolation', 'sections', 'conf', 'use', 'factories', 'pipelines', 'services']

describe('paste files, as PasteDeploy was seen to read them', () => {
  it.each(readCases(import.meta.dirname, GROUPS))('$group: $name', async ({ files, loads, deviates }) => {
    for (const load of loads) {
      expect.soft(await replay(files, load), deviates).toEqual(load.expect)
    }
  })
})
