import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

/** Both ends of a connection through the kernel, for the test that asks; ours is as a listener gives it. */
export async function socketPair(): Promise<[server: Socket, client: Socket]> {
  const listener = createServer({ pauseOnConnect: true, allowHalfOpen: true }).listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const client = connect((listener.address() as AddressInfo).port, '127.0.0.1')
  const [server] = (await once(listener, 'connection')) as [Socket]
  onTestFinished(() => {
    server.destroy()
    client.destroy()
    listener.close()
  })
  return [server, client]
}
