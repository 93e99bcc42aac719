import { readFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import { expect, test } from 'vitest'
import { DescriptorLimit } from '../../src/server/descriptor-limit.ts'
import { HAS_PROCFS } from '../support/procfs.ts'

function socketWith(fd: number | undefined): Socket {
  return { _handle: fd === undefined ? null : { fd } } as unknown as Socket
}

test.skipIf(!HAS_PROCFS)('the last descriptor is the one below the soft limit (needs /proc)', () => {
  const limit = Number(/^Max open files +(\d+)/m.exec(readFileSync('/proc/self/limits', 'latin1'))![1])
  const descriptors = new DescriptorLimit()
  expect(descriptors.isLast(socketWith(limit - 2))).toBe(false)
  expect(descriptors.isLast(socketWith(limit - 1))).toBe(true)
})

test('a socket that is closed already, or has no descriptor, is not the last', () => {
  const descriptors = new DescriptorLimit()
  expect(descriptors.isLast(socketWith(undefined))).toBe(false)
  expect(descriptors.isLast({ _handle: {} } as unknown as Socket)).toBe(false)
})
