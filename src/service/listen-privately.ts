import type { ListenOptions, Server } from 'node:net'

/**
 * Listens; a unix socket is its owner's only (0600), and never was another's: it is made before `listen` returns. Rejects with why it cannot.
 * Exclusive: a worker binds by itself, where node:cluster would share the socket among all.
 */
export function listenPrivately(server: Server, options: ListenOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    const bound = (): void => settled(resolve)
    const failed = (error: Error): void => settled(() => reject(error))
    const settled = (settle: () => void): void => {
      server.off('listening', bound).off('error', failed)
      settle()
    }
    server.once('listening', bound).once('error', failed)
    listenMasked(server, { ...options, exclusive: true })
  })
}

function listenMasked(server: Server, options: ListenOptions): void {
  const mask = process.umask(0o177)
  try {
    server.listen(options)
  } finally {
    process.umask(mask)
  }
}
