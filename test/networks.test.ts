import { describe, expect, test } from 'vitest'
import { isNetwork, Networks } from '../src/networks.ts'

describe('networks', () => {
  const networks = new Networks(['192.0.2.7', '10.0.0.0/8', '2001:db8::/32', '::1', 'unix'])

  test.each(['192.0.2.7', '10.0.0.0', '10.255.0.1', '2001:db8::1', '2001:0DB8:0:0::ff', '::1', 'unix', '::ffff:10.1.1.1'])('have %s', (address) => {
    expect(networks.has(address)).toBe(true)
  })

  test.each(['192.0.2.8', '11.0.0.1', '2001:db9::1', '::', '', 'unix:', 'localhost', '10.0.0', '::ffff:11.0.0.1'])('do not have %j', (address) => {
    expect(networks.has(address)).toBe(false)
  })

  test('have no unix socket when they do not say so', () => {
    expect(new Networks([]).has('unix')).toBe(false)
  })
})

describe('a network', () => {
  test.each(['192.0.2.7', '0.0.0.0/0', '10.0.0.0/32', '::/128', '::1', 'unix'])('may be %s', (name) => {
    expect(isNetwork(name)).toBe(true)
  })

  test.each(['', 'localhost', '10.0.0.0/33', '::/129', '10.0.0.0/', '10.0.0.0/8/8', '10.0.0/8', '10.0.0.0/-1', 'unix/8', '*'])('is not %j', (name) => {
    expect(isNetwork(name)).toBe(false)
  })
})
