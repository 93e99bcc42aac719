import { once } from 'node:events'
import { renameSync } from 'node:fs'
import { createServer } from 'node:net'

/** Leaves a unix socket at `path` that nobody listens on, as a killed process does. */
export async function leaveStaleSocket(path: string): Promise<void> {
  const server = createServer().listen(path)
  await once(server, 'listening')
  renameSync(path, `${path}.kept`)
  server.close()
  await once(server, 'close')
  renameSync(`${path}.kept`, path)
}
