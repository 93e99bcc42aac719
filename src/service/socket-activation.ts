import { ConfigError } from '../errors.ts'

/** A listening socket that was bound by who started this process. */
export interface PassedSocket {
  readonly fd: number
  /** What the socket unit's `FileDescriptorName=` says; null when nobody gave it a name. */
  readonly name: string | null
}

/** The lowest one (sd_listen_fds(3)): after standard input, output and error. */
const FIRST_FD = 3
const VARIABLES = ['LISTEN_PID', 'LISTEN_PIDFDID', 'LISTEN_FDS', 'LISTEN_FDNAMES'] as const

/**
 * The sockets that systemd, or systemd-socket-activate, handed to this process (sd_listen_fds_with_names(3)); none when they are another's.
 * The variables that tell of them are removed from `env`, so that no child takes them for its own; node itself keeps the file descriptors
 * from children. Throws ConfigError when the variables contradict each other.
 */
export function takePassedSockets(env: NodeJS.ProcessEnv = process.env, pid: number = process.pid): PassedSocket[] {
  const { LISTEN_PID, LISTEN_FDS = '', LISTEN_FDNAMES } = env
  for (const variable of VARIABLES) delete env[variable]
  if (LISTEN_PID !== String(pid)) return []
  if (!/^\d{1,4}$/.test(LISTEN_FDS)) throw new ConfigError({ message: 'LISTEN_FDS is no number of sockets', value: LISTEN_FDS })
  const count = Number(LISTEN_FDS)
  const names = LISTEN_FDNAMES?.split(':')
  if (names !== undefined && count > 0 && names.length !== count) {
    throw new ConfigError({ message: 'LISTEN_FDNAMES names another number of sockets than LISTEN_FDS', value: LISTEN_FDNAMES as string, expected: `${count} of them` })
  }
  return Array.from({ length: count }, (_, index) => ({ fd: FIRST_FD + index, name: givenName(names?.[index]) }))
}

/** Without `FileDescriptorName=` systemd says the name of the socket unit, and others `unknown`. */
function givenName(name = ''): string | null {
  return name === '' || name === 'unknown' || name.endsWith('.socket') ? null : name
}

/**
 * Which sockets each API listens on, by its name, which is the name of its sockets; several `ListenStream=` of one unit are several sockets
 * of one API. A socket without a name is for the only API there is. An API that gets none is not in the map, and binds what its options say.
 * Throws ConfigError with every socket that no API takes.
 */
export function socketsByApi(sockets: readonly PassedSocket[], apis: readonly string[]): Map<string, readonly [number, ...number[]]> {
  const found = new Map<string, readonly [number, ...number[]]>()
  const problems = sockets.flatMap(({ fd, name }) => {
    const api = name ?? (apis.length === 1 ? apis[0] : undefined)
    if (api === undefined || !apis.includes(api)) return [strayOf(fd, name, apis)]
    found.set(api, [...(found.get(api) ?? []), fd] as [number, ...number[]])
    return []
  })
  const [first, ...others] = problems
  if (first !== undefined) throw new ConfigError([first, ...others])
  return found
}

function strayOf(fd: number, name: string | null, apis: readonly string[]): { message: string; option: string; value?: string; expected: string } {
  const expected = `the name of an enabled API: ${apis.join(', ')}`
  if (name === null) return { message: `the socket passed as file descriptor ${fd} has no name, and there are several APIs`, option: 'FileDescriptorName', expected }
  return { message: `the socket passed as file descriptor ${fd} belongs to no enabled API`, option: 'FileDescriptorName', value: name, expected }
}
