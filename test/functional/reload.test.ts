import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, vi } from 'vitest'
import { Certificates, HAS_OPENSSL } from '../support/certificates.ts'
import type { CliProcess } from '../support/cli.ts'
import { childrenOf, HAS_PROCFS, parentOf } from '../support/procfs.ts'
import { RawClient, type RawResponse } from '../support/raw-client.ts'
import { type Site, type SitePlan, test } from '../support/site.ts'

const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url))
const HAS_SCRIPT = spawnSync('script', ['--version']).status === 0

/** An app that says which version of it answers, when it has read the body. */
function app(version: string): string {
  return `export const factory = () => async (request) => {\n  const body = await request.text()\n  return { body: body + '${version}' }\n}\n`
}

const NEVER_MADE = 'export const factory = () => new Promise(() => setInterval(() => undefined, 1000))\n'

interface Wanted {
  readonly apis?: readonly string[]
  /** Of `[DEFAULT]`. */
  readonly options?: Readonly<Record<string, string | number>>
}

/** Each API is made of `<name>.mjs`. */
function confOf({ apis = ['compute'], options = {} }: Wanted = {}): string {
  const perApi = apis.flatMap((api) => [`${api}_listen = 127.0.0.1`, `${api}_listen_port = 0`, `${api}_workers = 1`])
  const given = Object.entries(options).map(([option, value]) => `${option} = ${value}`)
  const names = Object.keys(options)
  const lines = ['log_level = debug', 'log_options = false', `enabled_apis = ${apis.join(', ')}`, ...perApi]
  return ['[DEFAULT]', ...lines.filter((line) => !names.includes(line.split(' = ')[0] ?? '')), ...given, ''].join('\n')
}

function pasteOf(apis: readonly string[] = ['compute']): string {
  return apis.map((api) => `[app:${api}]\npaste.app_factory = ./${api}.mjs:factory\n`).join('\n')
}

function plan(wanted: Wanted = {}): SitePlan {
  const { apis = ['compute'] } = wanted
  const apps = Object.fromEntries(apis.map((api) => [`${api}.mjs`, app(`${api} 1`)]))
  return { files: { ...apps, 'millrace.conf': confOf(wanted), 'api-paste.ini': pasteOf(apis) } }
}

/** Resolves when the launcher has said so often that a reload succeeded. */
async function reloaded(server: CliProcess, times = 1): Promise<void> {
  await server.line('reloaded', () => server.log('reloaded').length >= times)
}

/** One request on a connection of its own. */
async function ask(target: number | { path: string }): Promise<string> {
  const client = await RawClient.connect(target)
  const { body } = await client.ask('GET', '/')
  client.close()
  return body
}

/** The most processes that were there at once, by the launcher's own account. */
function mostWorkers(server: CliProcess): number {
  let now = 0
  let most = 0
  for (const { event } of server.log()) {
    if (event === 'worker.started') now += 1
    if (event === 'worker.exited') now -= 1
    most = Math.max(most, now)
  }
  return most
}

/** Asks over and over, until it is told to leave: on one connection as long as that is open, or on a new one each time. */
class Customer {
  readonly bodies: string[] = []
  readonly failures: string[] = []
  readonly #port: number
  readonly #keep: boolean
  readonly #done: Promise<void>
  #client: RawClient | null = null
  #leaving = false

  constructor(port: number, keep: boolean) {
    this.#port = port
    this.#keep = keep
    this.#done = this.#ask()
  }

  async leave(): Promise<void> {
    this.#leaving = true
    await this.#done
  }

  async #ask(): Promise<void> {
    while (!this.#leaving) {
      try {
        this.#took(await this.#once())
      } catch (error) {
        this.failures.push(String(error))
        this.#client = null
      }
    }
    this.#client?.close()
  }

  async #once(): Promise<RawResponse> {
    this.#client ??= await RawClient.connect(this.#port)
    return this.#client.ask('POST', '/', { body: 'by ' })
  }

  #took({ status, body, headers }: RawResponse): void {
    if (status !== 200) this.failures.push(`${status} ${body}`)
    if (this.bodies.at(-1) !== body) this.bodies.push(body)
    if (this.#keep && headers['connection'] !== 'close') return
    this.#client?.close()
    this.#client = null
  }
}

describe.concurrent('HUP to `millrace serve`', () => {
  test('under load loses and refuses no request, and there is never more than one process too many', async ({ makeSite }) => {
    const site = makeSite(plan({ options: { compute_workers: 2 } }))
    const server = await site.serve()
    const port = server.port('compute')
    const customers = [true, true, true, true, false, false].map((keep) => new Customer(port, keep))
    for (const version of [2, 3, 4]) {
      site.write('compute.mjs', app(`compute ${version}`))
      server.signal('SIGHUP')
      await reloaded(server, version - 1)
      expect(await ask(port)).toBe(`compute ${version}`)
    }
    await Promise.all(customers.map((customer) => customer.leave()))
    expect(customers.flatMap(({ failures }) => failures)).toEqual([])
    for (const { bodies } of customers) expect([bodies[0], bodies.at(-1)]).toEqual(['by compute 1', 'by compute 4'])
    expect(mostWorkers(server)).toBe(3)
    expect(server.log('reloaded')).toMatchObject([{ replaced: 2 }, { replaced: 2 }, { replaced: 2 }])
    server.signal('SIGTERM')
    expect(await server.exited()).toBe(0)
  }, 60_000)

  describe('the old serves on, and the log says why, when', () => {
    const BAD: Record<string, { spoil: (site: Site) => void; says: string }> = {
      'millrace.conf cannot be read': { spoil: (site) => site.write('millrace.conf', '[DEFAULT\n'), says: 'millrace.conf' },
      'an option is wrong': { spoil: (site) => site.write('millrace.conf', confOf({ options: { compute_workers: 'many' } })), says: 'compute_workers' },
      'the paste file cannot be read': { spoil: (site) => site.write('api-paste.ini', '[app:compute\n'), says: 'api-paste.ini' },
      'an API has no section': { spoil: (site) => site.write('api-paste.ini', pasteOf(['other'])), says: '' },
      'the app throws when it is imported': { spoil: (site) => site.write('compute.mjs', 'throw new Error("out of order")\n'), says: 'out of order' },
      'the factory throws': { spoil: (site) => site.write('compute.mjs', 'export function factory() { throw new Error("no parts") }\n'), says: 'no parts' },
      'no API is left': { spoil: (site) => site.write('millrace.conf', confOf({ options: { enabled_apis: '' } })), says: '' },
      // The check is passed; the worker is another process, and finds it broken.
      'only the worker finds the app broken': {
        spoil: (site) => site.write('compute.mjs', `import cluster from 'node:cluster'\nif (cluster.isWorker) throw new Error('not here')\n${app('compute 2')}`),
        says: 'not here',
      },
    }

    test.for(Object.entries(BAD))('%s', async ([, { spoil, says }], { makeSite }) => {
      const site = makeSite(plan())
      const server = await site.serve()
      spoil(site)
      server.signal('SIGHUP')
      expect(await server.line('reload.failed')).toMatchObject({ replaced: 0, msg: expect.stringContaining(says) as string })
      expect(await ask(server.port('compute'))).toBe('compute 1')
      site.write('millrace.conf', confOf())
      site.write('api-paste.ini', pasteOf())
      site.write('compute.mjs', app('compute 3'))
      server.signal('SIGHUP')
      await reloaded(server)
      expect(await ask(server.port('compute'))).toBe('compute 3')
      server.signal('SIGTERM')
      expect(await server.exited()).toBe(0)
    })

    test('the app takes longer to be made than a worker may take to start', async ({ makeSite }) => {
      const site = makeSite(plan())
      site.write('millrace.conf', `${confOf()}\n[wsgi]\nworker_start_timeout = 5\n`)
      const server = await site.serve()
      site.write('compute.mjs', NEVER_MADE)
      server.signal('SIGHUP')
      expect(await server.line('reload.failed')).toMatchObject({ replaced: 0, msg: expect.stringContaining('that takes longer than 5 s') as string })
      expect(await ask(server.port('compute'))).toBe('compute 1')
      server.signal('SIGTERM')
      expect(await server.exited()).toBe(0)
    })

    test('a port is taken', async ({ makeSite }) => {
      const other = createServer().listen(0, '127.0.0.1')
      await once(other, 'listening')
      const { port } = other.address() as { port: number }
      const site = makeSite(plan({ apis: ['compute', 'metadata'] }))
      const server = await site.serve()
      site.write('millrace.conf', confOf({ apis: ['compute', 'metadata'], options: { metadata_listen_port: port } }))
      site.write('compute.mjs', app('compute 2'))
      server.signal('SIGHUP')
      expect((await server.line('reload.failed')).msg).toContain(String(port))
      expect(await ask(server.port('compute'))).toBe('compute 1')
      expect(await ask(server.port('metadata'))).toBe('metadata 1')
      other.close()
      await once(other, 'close')
      server.signal('SIGHUP')
      await reloaded(server)
      expect(await ask(port)).toBe('metadata 1')
      expect(await ask(server.port('compute'))).toBe('compute 2')
      await expect(ask(server.port('metadata'))).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    })
  })

  test.for([[1, 3], [3, 1]] as const)('changes the number of workers from %i to %i', async ([from, to], { makeSite }) => {
    const site = makeSite(plan({ options: { compute_workers: from } }))
    const server = await site.serve()
    site.write('millrace.conf', confOf({ options: { compute_workers: to } }))
    server.signal('SIGHUP')
    await reloaded(server)
    expect(server.log('api.scaled')).toMatchObject([{ from, to }])
    const left = (): number => server.log('worker.started').length - server.log('worker.exited').length
    await server.line('worker.exited', () => left() === to)
    expect(await ask(server.port('compute'))).toBe('compute 1')
    server.signal('SIGTERM')
    expect(await server.exited()).toBe(0)
  })

  test('adds an API, and removes one', async ({ makeSite }) => {
    const site = makeSite(plan({ apis: ['compute', 'metadata'] }))
    const server = await site.serve()
    const apis = ['compute', 'volume']
    site.write('volume.mjs', app('volume 1'))
    site.write('api-paste.ini', pasteOf(apis))
    site.write('millrace.conf', confOf({ apis }))
    server.signal('SIGHUP')
    await reloaded(server)
    const { msg } = await server.line('api.starting', ({ api }) => api === 'volume')
    expect(await ask(Number(/:(\d+)$/.exec(msg)?.[1]))).toBe('volume 1')
    expect(await ask(server.port('compute'))).toBe('compute 1')
    await expect(ask(server.port('metadata'))).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    server.signal('SIGTERM')
    expect(await server.exited()).toBe(0)
    expect(server.log('worker.exited').map(({ expected }) => expected)).toEqual([true, true, true, true])
  })

  test('moves an API, whose old place is closed then', async ({ makeSite }) => {
    const site = makeSite(plan())
    const server = await site.serve()
    site.write('millrace.conf', confOf({ options: { compute_listen: `unix:${site.path('compute.sock')}` } }))
    server.signal('SIGHUP')
    await reloaded(server)
    expect(await ask({ path: site.path('compute.sock') })).toBe('compute 1')
    await expect(ask(server.port('compute'))).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    server.signal('SIGTERM')
    expect(await server.exited()).toBe(0)
  })

  test.for(['with', 'without'])('gives an API the place of one that is gone (%s one that stays)', async (other, { makeSite }) => {
    const rest = other === 'with' ? ['metadata'] : []
    const site = makeSite()
    const path = site.path('1.sock')
    const first = { apis: ['compute', ...rest], options: { compute_listen: `unix:${path}` } }
    for (const [name, text] of Object.entries(plan(first).files ?? {})) site.write(name, text)
    const server = await site.serve()
    const apis = ['nova', ...rest]
    site.write('nova.mjs', app('nova 1'))
    site.write('api-paste.ini', pasteOf(apis))
    site.write('millrace.conf', confOf({ apis, options: { nova_listen: `unix:${path}` } }))
    server.signal('SIGHUP')
    await reloaded(server)
    expect(await ask({ path })).toBe('nova 1')
    server.signal('SIGHUP')
    await reloaded(server, 2)
    expect(await ask({ path })).toBe('nova 1')
    server.signal('SIGTERM')
    expect(await server.exited()).toBe(0)
  })

  test('lets two APIs swap their places', async ({ makeSite }) => {
    const apis = ['compute', 'metadata']
    const site = makeSite()
    const [one, two] = [site.path('1.sock'), site.path('2.sock')]
    const wanted = { apis, options: { compute_listen: `unix:${one}`, metadata_listen: `unix:${two}` } }
    for (const [name, text] of Object.entries(plan(wanted).files ?? {})) site.write(name, text)
    const server = await site.serve()
    expect([await ask({ path: one }), await ask({ path: two })]).toEqual(['compute 1', 'metadata 1'])
    site.write('millrace.conf', confOf({ apis, options: { compute_listen: `unix:${two}`, metadata_listen: `unix:${one}` } }))
    server.signal('SIGHUP')
    await reloaded(server)
    expect([await ask({ path: one }), await ask({ path: two })]).toEqual(['metadata 1', 'compute 1'])
    server.signal('SIGHUP')
    await reloaded(server, 2)
    expect([await ask({ path: one }), await ask({ path: two })]).toEqual(['metadata 1', 'compute 1'])
    server.signal('SIGTERM')
    expect(await server.exited()).toBe(0)
  })

  test('a swap whose second half fails leaves both APIs served somewhere', async ({ makeSite }) => {
    const apis = ['compute', 'metadata']
    const site = makeSite()
    const [one, two] = [site.path('1.sock'), site.path('2.sock')]
    const wanted = { apis, options: { compute_listen: `unix:${one}`, metadata_listen: `unix:${two}` } }
    for (const [name, text] of Object.entries(plan(wanted).files ?? {})) site.write(name, text)
    const server = await site.serve()
    site.write('millrace.conf', confOf({ apis, options: { compute_listen: `unix:${two}`, metadata_listen: `unix:${one}` } }))
    site.write('metadata.mjs', `import cluster from 'node:cluster'\nif (cluster.isWorker) throw new Error('not here')\n${app('metadata 2')}`)
    server.signal('SIGHUP')
    await server.line('reload.failed')
    const answers = await Promise.all([one, two].map((path) => ask({ path })))
    expect(answers.toSorted()).toEqual(['compute 1', 'metadata 1'])
  })

  test('lets a request in flight finish in the worker it is in', async ({ makeSite }) => {
    const site = makeSite(plan())
    const server = await site.serve()
    const client = await RawClient.connect(server.port('compute'))
    client.write('POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 4\r\nexpect: 100-continue\r\n\r\n')
    await client.received('100 Continue')
    site.write('compute.mjs', app('compute 2'))
    server.signal('SIGHUP')
    await server.line('worker.ready', () => server.log('worker.ready').length === 2)
    expect(await ask(server.port('compute'))).toBe('compute 2')
    expect(server.log('reloaded')).toEqual([])
    client.write('old ')
    expect(await client.response()).toMatchObject({ status: 200, body: 'old compute 1' })
    await reloaded(server)
    server.signal('SIGTERM')
    expect(await server.exited()).toBe(0)
  })

  const ENDS = [
    ['SIGTERM', 0, 'reloading'],
    ['SIGTERM', 0, 'worker.started'],
    ['SIGINT', 1, 'reloading'],
    ['SIGINT', 1, 'worker.started'],
  ] as const
  test.for(ENDS)('%s ends it with %i in the middle of a reload (after %s)', async ([signal, code, event], { makeSite }) => {
    const site = makeSite(plan({ options: { compute_workers: 2 } }))
    const server = await site.serve()
    const before = server.log(event).length
    server.signal('SIGHUP')
    server.signal('SIGHUP')
    await server.line(event, () => server.log(event).length > before)
    server.signal(signal)
    expect(await server.exited()).toBe(code)
    await server.allEnded()
    expect(server.log('reloaded')).toEqual([])
    expect(server.log('worker.exited')).toHaveLength(server.log('worker.started').length)
  })

  test.skipIf(!HAS_PROCFS)('TERM leaves no check behind that has not ended (needs /proc)', async ({ makeSite }) => {
    const site = makeSite(plan())
    const server = await site.serve()
    site.write('compute.mjs', NEVER_MADE)
    server.signal('SIGHUP')
    const check = await vi.waitUntil(() => childrenOf(server.pid).find((pid) => !server.workers('compute').includes(pid)), { timeout: 10_000 })
    server.signal('SIGTERM')
    expect(await server.exited()).toBe(0)
    await vi.waitUntil(() => parentOf(check) === null)
  })

  test('with --workers 0 keeps the process and its place, and serves on', async ({ makeSite }) => {
    const server = await makeSite(plan()).serve('--workers', '0')
    const port = server.port('compute')
    expect(await ask(port)).toBe('compute 1')
    server.signal('SIGHUP')
    await reloaded(server)
    expect(await ask(port)).toBe('compute 1')
    server.signal('SIGTERM')
    expect(await server.exited()).toBe(0)
  })
})

describe.skipIf(!HAS_OPENSSL)('HUP to `millrace serve` (needs the program openssl)', () => {
  let certificates: Certificates
  beforeAll(() => {
    certificates = new Certificates('server')
  })
  afterAll(() => certificates.dispose())

  test('turns TLS on for an API', async ({ makeSite }) => {
    const site = makeSite(plan())
    const server = await site.serve()
    const port = server.port('compute')
    const tls = `[wsgi]\nssl_cert_file = ${certificates.path('server.pem')}\nssl_key_file = ${certificates.path('server.key')}\n`
    site.write('millrace.conf', `${confOf({ options: { enabled_ssl_apis: 'compute' } })}\n${tls}`)
    server.signal('SIGHUP')
    await reloaded(server)
    const client = await RawClient.connectTls({ port, rejectUnauthorized: false })
    expect((await client.ask('GET', '/')).body).toBe('compute 1')
    client.close()
    server.signal('SIGTERM')
    expect(await server.exited()).toBe(0)
  })
})

describe.concurrent('other signals to `millrace serve`', () => {
  test.skipIf(!HAS_SCRIPT)('HUP in the foreground of a terminal stops with 0 (needs the program script)', async ({ makeSite, onTestFinished }) => {
    const site = makeSite(plan())
    // The shell tells its pid and becomes the server.
    const command = `echo "pid=$$"; exec '${process.execPath}' '${CLI}' serve`
    const terminal = spawn('script', ['--quiet', '--return', '--command', command, '/dev/null'], { cwd: site.dir, stdio: ['pipe', 'pipe', 'inherit'] })
    onTestFinished(() => void terminal.kill('SIGKILL'))
    let output = ''
    const shown = (text: string): Promise<void> => new Promise((resolve) => {
      const check = (): void => {
        if (output.includes(text)) resolve()
      }
      terminal.stdout.on('data', check)
      check()
    })
    terminal.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
    await shown('Millrace is serving')
    process.kill(Number(/pid=(\d+)/.exec(output)?.[1]), 'SIGHUP')
    expect(await once(terminal, 'exit')).toEqual([0, null])
    expect(output).toContain('stopping')
    expect(output).not.toContain('Reload')
  })

  test('TTIN and TTOU change the number of workers by one, of which the last stays', async ({ makeSite }) => {
    const server = await makeSite(plan()).serve()
    server.signal('SIGTTIN')
    await server.line('worker.ready', () => server.log('worker.ready').length === 2)
    server.signal('SIGTTOU')
    await server.line('worker.exited')
    server.signal('SIGTTOU')
    await server.line('signal.caught', () => server.log('signal.caught').length === 3)
    expect(await ask(server.port('compute'))).toBe('compute 1')
    server.signal('SIGTERM')
    expect(await server.exited()).toBe(0)
    expect(server.log('api.scaled')).toMatchObject([{ from: 1, to: 2 }, { from: 2, to: 1 }])
    expect(server.log('worker.exited')).toHaveLength(2)
  })

  test('USR2 asks for a report, which tells of each service and its processes', async ({ makeSite }) => {
    const server = await makeSite(plan()).serve()
    server.signal('SIGUSR2')
    const { status } = await server.line('report')
    expect(status).toMatchObject({ pid: server.pid, state: 'RUNNING', services: [{ name: 'compute', state: 'SERVING', processes: [{ pid: server.workers('compute')[0] }] }] })
    expect(await ask(server.port('compute'))).toBe('compute 1')
    server.signal('SIGTERM')
    expect(await server.exited()).toBe(0)
  })

  test('HUP to the whole process group is one reload', async ({ makeSite }) => {
    const site = makeSite(plan({ options: { compute_workers: 2 } }))
    const server = await site.serve()
    site.write('compute.mjs', app('compute 2'))
    server.signalAll('SIGHUP')
    await reloaded(server)
    expect(await ask(server.port('compute'))).toBe('compute 2')
    expect(server.log('worker.started')).toHaveLength(4)
    expect(server.log('worker.exited').map(({ expected }) => expected)).toEqual([true, true])
    server.signalAll('SIGTERM')
    expect(await server.exited()).toBe(0)
    expect(server.log('worker.exited')).toHaveLength(server.log('worker.started').length)
  })

  test('what a second HUP to the whole process group ends too early is made good by the reload that it asks for', async ({ makeSite }) => {
    const site = makeSite(plan())
    const server = await site.serve()
    site.write('compute.mjs', app('compute 2'))
    server.signalAll('SIGHUP')
    await server.line('reloading')
    server.signalAll('SIGHUP')
    const ends = (): number => server.log('reloaded').length + server.log('reload.failed').length
    await server.line('reloading', () => server.log('reloading').length === 2)
    await reloaded(server, 2 - server.log('reload.failed').length)
    expect(ends()).toBe(2)
    expect(await ask(server.port('compute'))).toBe('compute 2')
    server.signal('SIGTERM')
    expect(await server.exited()).toBe(0)
  })
})
