import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compare, hashSync } from 'bcryptjs'
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import type { App, Conf, HttpReply, HttpRequest } from '../../src/app.ts'
import { basicAuth, makeBasicAuth } from '../../src/middleware/basic-auth.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { wrapLinted } from '../support/linted.ts'
import { makeRequest } from '../support/make-request.ts'

vi.mock('bcryptjs', { spy: true })

const digestOf = (password: string): string => hashSync(password, 4)
const SESAME = digestOf('sesame')

let folder: string
let clock: FakeClock

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-basic-auth-'))
  clock = new FakeClock()
  onTestFinished(() => rmSync(folder, { recursive: true }))
})

/** In the way the option's text asks for: a new file, renamed. */
function write(text: string): void {
  writeFileSync(join(folder, 'new'), text)
  renameSync(join(folder, 'new'), join(folder, 'users'))
}

async function guarded(text: string, localConf: Conf = {}, app: App = tellUser): Promise<App> {
  write(text)
  return wrapLinted(await makeBasicAuth({ here: folder }, { auth_file: 'users', ...localConf }, clock), app)
}

const tellUser: App = ({ headers, environ }) => ({ body: { fields: Object.fromEntries(headers), environ } })

const raw = (authorization: string, headers: Record<string, string> = {}): HttpRequest => makeRequest({ headers: { ...headers, authorization } })
const by = (user: string, password: string, headers: Record<string, string> = {}): HttpRequest =>
  raw(`Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`, headers)

async function statusOf(app: App, request: HttpRequest): Promise<number> {
  try {
    return (await app(request)).status ?? 200
  } catch (error) {
    return (error as { status: number }).status
  }
}

describe('who has a name and a password', () => {
  test.each(['2a', '2b', '2y'])('is let in, by a digest of $%s$', async (kind) => {
    const app = await guarded(`# users\n\nada:${SESAME.replace('2b', kind)}\r\n`)
    expect(await app(by('ada', 'sesame'))).toEqual({
      body: { fields: { 'x-user': 'ada', 'x-user-name': 'ada' }, environ: { REMOTE_USER: 'ada' } },
    })
  })

  test('may have any characters in both, in UTF-8 (RFC 7617 §2.1)', async () => {
    const app = await guarded(`zoë:${digestOf('a:ü€')}`, {}, ({ environ }) => ({ body: environ }))
    expect(await app(by('zoë', 'a:ü€'))).toEqual({ body: { REMOTE_USER: 'zoë' } })
  })

  test('cannot say more of itself than the file does', async () => {
    const app = await guarded(`ada:${SESAME}`)
    const reply = await app(by('ada', 'sesame', { 'X-Roles': 'admin', x_user_id: '1', 'X-User': 'root', accept: 'a' }))
    expect(reply).toMatchObject({ body: { fields: { accept: 'a', 'x-user': 'ada', 'x-user-name': 'ada' } } })
  })
})

describe('who has not', () => {
  test.each<[string, HttpRequest]>([
    ['a wrong password', by('ada', 'open')],
    ['an empty password', by('ada', '')],
    ['an unknown name', by('bob', 'sesame')],
    ['a name that Object has', by('constructor', 'sesame')],
    ['no field', makeRequest()],
    ['another scheme', raw('Bearer abc')],
    ['nothing after the scheme', raw('Basic ')],
    ['no base64', raw('Basic !!!')],
    ['no colon', raw(`Basic ${btoa('ada')}`)],
    ['a control character', by('ada', 'sesame\0')],
    ['text that is no UTF-8', raw(`Basic ${Buffer.from('ada:\xff', 'latin1').toString('base64')}`)],
  ])('%s is 401 with a challenge', async (_what, request) => {
    const app = await guarded(`ada:${SESAME}`)
    const headers = { 'www-authenticate': 'Basic realm="API", charset="UTF-8"' }
    await expect((async () => await app(request))()).rejects.toMatchObject({ name: 'HttpError', status: 401, headers, expose: true })
  })

  test('is shown the realm', async () => {
    const app = await guarded('', { realm: 'Clouds' })
    expect(() => app(makeRequest())).toThrow(expect.objectContaining({ headers: { 'www-authenticate': 'Basic realm="Clouds", charset="UTF-8"' } }))
  })

  test.each(['11', '04'])('cannot tell an unknown name by the work it makes, which is that of cost %s', async (cost) => {
    vi.mocked(compare).mockClear()
    const app = await guarded(`ada:${hashSync('sesame', Number(cost))}`)
    expect(await statusOf(app, by('bob', 'sesame'))).toBe(401)
    expect(vi.mocked(compare).mock.calls).toEqual([['sesame', expect.stringMatching(new RegExp(`^\\$2b\\$${cost}\\$.{53}$`))]])
  })
})

describe('a verdict', () => {
  test('is remembered for a minute, so that the next request is answered at once', async () => {
    const app = await guarded(`ada:${SESAME}`)
    await app(by('ada', 'sesame'))
    clock.advance(60_000)
    expect(app(by('ada', 'sesame'))).not.toBeInstanceOf(Promise)
    clock.advance(1)
    expect(app(by('ada', 'sesame'))).toBeInstanceOf(Promise)
  })

  test('on a wrong password is remembered as well', async () => {
    const app = await guarded(`ada:${SESAME}`)
    expect(await statusOf(app, by('ada', 'open'))).toBe(401)
    expect(() => app(by('ada', 'open'))).toThrow('needed')
  })

  test('need not be remembered', async () => {
    const app = await guarded(`ada:${SESAME}`, { cache_time: '0' })
    await app(by('ada', 'sesame'))
    expect(app(by('ada', 'sesame'))).toBeInstanceOf(Promise)
  })

  test('is waited for by sixteen at most', async () => {
    const app = await guarded(`ada:${SESAME}`)
    const statuses = await Promise.all(Array.from({ length: 20 }, (_, number) => statusOf(app, by('ada', String(number)))))
    expect(statuses).toEqual([...Array.from({ length: 16 }, () => 401), 503, 503, 503, 503])
    expect(await statusOf(app, by('ada', 'sesame'))).toBe(200)
  })

  test('is made once for requests that come together', async () => {
    const app = await guarded(`ada:${SESAME}`)
    const statuses = await Promise.all(Array.from({ length: 20 }, () => statusOf(app, by('ada', 'sesame'))))
    expect(statuses).toEqual(Array.from({ length: 20 }, () => 200))
  })
})

describe('the file', () => {
  test('is read again within a second, and who is not in it any more is out at once', async () => {
    const app = await guarded(`ada:${SESAME}\nbob:${SESAME}`)
    expect(await statusOf(app, by('ada', 'sesame'))).toBe(200)
    write(`ada:${digestOf('open')}\ncy:${SESAME}`)
    expect(await statusOf(app, by('ada', 'sesame'))).toBe(200)
    clock.advance(1000)
    expect(await Promise.all([by('ada', 'sesame'), by('bob', 'sesame'), by('ada', 'open'), by('cy', 'sesame')].map((it) => statusOf(app, it)))).toEqual([401, 401, 200, 200])
  })

  test('that cannot be used lets nobody in until it can, and the log has the line', async () => {
    const app = await guarded(`ada:${SESAME}`)
    write('ada')
    clock.advance(1000)
    expect(() => app(by('ada', 'sesame'))).toThrow(expect.objectContaining({ status: 503, expose: false, message: expect.stringContaining('users:1: is not a user') }))
    rmSync(join(folder, 'users'))
    expect(await statusOf(app, by('ada', 'sesame'))).toBe(503)
    write(`ada:${SESAME}`)
    expect(await statusOf(app, by('ada', 'sesame'))).toBe(200)
  })

  test('is told of with every line that is wrong, and none of what stands there', async () => {
    const text = ['ada:{SHA}secret', `bob:${SESAME}`, '', 'secret', `bob:${SESAME}`, ':secret'].join('\n')
    await expect(guarded(text)).rejects.toMatchObject({
      name: 'ConfigError',
      problems: [
        { file: join(folder, 'users'), line: 1, message: expect.stringContaining('ada is not one of bcrypt') },
        { line: 4, message: expect.stringContaining('not a user') },
        { line: 5, message: expect.stringContaining('bob stands here a second time') },
        { line: 6, message: expect.stringContaining('not a user') },
      ],
      message: expect.not.stringContaining('secret'),
    })
  })

  test('must be there, be a file and of a sensible size', async () => {
    await expect(makeBasicAuth({ here: folder }, { auth_file: 'none' }, clock)).rejects.toThrow(`${join(folder, 'none')}: the file of passwords cannot be read`)
    await expect(makeBasicAuth({}, { http_basic_auth_user_file: folder }, clock)).rejects.toThrow(`${folder}: the file of passwords cannot be read`)
    await expect(guarded(' '.repeat(1_048_577))).rejects.toThrow('too large')
  })
})

test.each([
  ['realm', 'a"b', 'is no realm'],
  ['realm', 'é', 'is no realm'],
  ['cache_time', '-1', 'is out of range'],
  ['auth_files', 'x', 'did you mean "auth_file"'],
])('%s = %j is refused when the file is loaded', async (option, value, message) => {
  await expect(Promise.resolve<unknown>(basicAuth({}, { [option]: value }))).rejects.toThrow(message)
})

test('the reply of the app is passed on', async () => {
  const app = await guarded(`ada:${SESAME}`, {}, () => Promise.resolve<HttpReply>({ status: 204 }))
  expect(await app(by('ada', 'sesame'))).toEqual({ status: 204 })
})
