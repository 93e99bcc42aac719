import { lstatSync, type Stats, unlinkSync } from 'node:fs'
import { connect } from 'node:net'

/**
 * Removes the unix socket that a killed process left at `path`, which is in the way of a bind (EADDRINUSE), and resolves with true. Resolves
 * with false, and removes nothing, when somebody listens on it, when it cannot be told, and when what is there is no socket at all.
 * Rejects when it may not be removed.
 */
export async function removeStaleSocket(path: string): Promise<boolean> {
  const found = socketAt(path)
  if (found === undefined || !(await refuses(path))) return false
  // Another process may have been faster, and listen there by now.
  if (socketAt(path)?.ino !== found.ino) return false
  unlinkSync(path)
  return true
}

/** A plain file refuses a connection as well; it is not ours to remove. */
function socketAt(path: string): Stats | undefined {
  const found = lstatSync(path, { throwIfNoEntry: false })
  return found?.isSocket() === true ? found : undefined
}

/** ECONNREFUSED means that no process has it open. A listener that is only busy gives EAGAIN (connect(2)). */
function refuses(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ path })
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'ECONNREFUSED'))
    socket.on('connect', () => {
      socket.destroy()
      resolve(false)
    })
  })
}
