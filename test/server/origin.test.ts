import { expect, test } from 'vitest'
import { originOf } from '../../src/server/origin.ts'
import { FakeSocket, type FakeSocketOptions } from '../support/fake-socket.ts'

const SERVER = { name: 'compute', stopping: false, trusts: () => false }

function clientOf(client: FakeSocketOptions, port: number): unknown {
  return originOf(new FakeSocket(client).socket, { ...SERVER, address: '192.0.2.1', port }).client
}

test('a TCP client has its address', () => {
  expect(clientOf({ address: '192.0.2.7', port: 4711 }, 8774)).toEqual({ address: '192.0.2.7', port: 4711 })
})

test('a client of a unix socket is called unix', () => {
  expect(clientOf({ address: null }, 0)).toEqual({ address: 'unix', port: 0 })
})

test('a TCP client that is gone before anybody asked for its address is not taken for one of a unix socket', () => {
  expect(clientOf({ address: null }, 8774)).toEqual({ address: 'gone', port: 0 })
})
