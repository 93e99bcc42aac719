import { readFileSync } from 'node:fs'
import type { Socket } from 'node:net'

/**
 * Knows when a process has used up its file descriptors. libuv then accepts what comes and closes it at once, so that its listener does not
 * spin, and tells nobody: a client sees its connection closed, and the operator would see nothing.
 */
export class DescriptorLimit {
  #last = readLast() ?? Number.POSITIVE_INFINITY

  /** A new descriptor has the lowest free number (POSIX.1-2017, XSH 2.14), so behind the highest there is none. */
  isLast(socket: Socket): boolean {
    const { fd } = (socket as { _handle?: { fd?: number } | null })._handle ?? {}
    if (fd === undefined || fd < this.#last) return false
    // It may have been raised meanwhile (prlimit(1)). To read that takes a descriptor, so when there is none it has not been.
    this.#last = readLast() ?? this.#last
    return fd >= this.#last
  }
}

/** The highest number a descriptor of this process can have; null where the system does not tell. */
function readLast(): number | null {
  try {
    const [, limit = 'Infinity'] = /^Max open files +(\d+)/m.exec(readFileSync('/proc/self/limits', 'latin1')) ?? []
    return Number(limit) - 1
  } catch {
    return null
  }
}
