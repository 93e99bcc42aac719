import type { Socket } from 'node:net'
import { expect, test } from 'vitest'
import { JoinedSource } from '../../src/service/joined-source.ts'
import type { ConnectionSource } from '../../src/service/service-base.ts'

class Source implements ConnectionSource {
  readonly label: string
  handler: (socket: Socket) => void = () => undefined
  closed = false

  constructor(label: string) {
    this.label = label
  }

  onConnection(handler: (socket: Socket) => void): void {
    this.handler = handler
  }

  close(): void {
    this.closed = true
  }
}

test('connections of each come to one handler, and all close as one', () => {
  const parts = [new Source('0.0.0.0:80'), new Source('[::]:80')]
  const joined = new JoinedSource(parts)
  expect(joined.label).toBe('0.0.0.0:80, [::]:80')
  const seen: unknown[] = []
  joined.onConnection((socket) => seen.push(socket))
  const sockets = [{}, {}] as Socket[]
  parts.forEach((part, index) => part.handler(sockets[index]!))
  expect(seen).toEqual(sockets)
  joined.close()
  expect(parts.map(({ closed }) => closed)).toEqual([true, true])
})
