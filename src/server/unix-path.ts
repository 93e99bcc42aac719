import { fstatSync, readFileSync } from 'node:fs'

/** The path, or `@name`, that the unix socket with this file descriptor is bound to; null where the system does not tell. Node has no getsockname(2) for these. */
export function pathOfUnixSocket(fd: number): string | null {
  try {
    // Num RefCount Protocol Flags Type St Inode Path
    const row = new RegExp(`^(?:\\S+ +){6}${fstatSync(fd).ino} (.+)$`, 'm').exec(readFileSync('/proc/self/net/unix', 'utf8'))
    return row?.[1] ?? null
  } catch {
    return null
  }
}
