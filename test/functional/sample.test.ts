import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CliProcess } from '../support/cli.ts'
import { RawClient, type RawResponse } from '../support/raw-client.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const SETTINGS = ['compute_listen_port=0', 'metadata_listen_port=0', 'compute_workers=1', 'log_level=debug', 'log_options=false', 'control_socket=']

let server: CliProcess

beforeAll(async () => {
  server = new CliProcess(['serve', ...SETTINGS.flatMap((setting) => ['--set', setting])], ROOT)
  await server.ready()
})

afterAll(() => server.kill())

type Answer = Omit<RawResponse, 'body'> & { body: unknown }

function ask(api: string, method: string, path: string, body?: unknown): Promise<Answer> {
  return send(api, method, path, { body })
}

/** One request on a connection of its own; the body as JSON when it is. */
async function send(api: string, method: string, path: string, sent: { body?: unknown; version?: string }): Promise<Answer> {
  const client = await RawClient.connect(server.port(api))
  const version = sent.version === undefined ? {} : { 'OpenStack-API-Version': `compute ${sent.version}` }
  const content = sent.body === undefined ? {} : { body: JSON.stringify(sent.body) }
  const headers = sent.body === undefined ? version : { 'content-type': 'application/json', ...version }
  const answer = await client.ask(method, path, { ...content, headers })
  client.close()
  return { ...answer, body: /^[[{]/.test(answer.body) ? JSON.parse(answer.body) : answer.body }
}

describe('the sample of the repository', () => {
  test('lists its versions at /, with links to where the client asked', async () => {
    const { status, body, headers } = await ask('compute', 'GET', '/')
    expect(status).toBe(200)
    expect(body).toEqual({ versions: [{ id: 'v2.1', status: 'CURRENT', links: [{ rel: 'self', href: 'http://api.example/v2.1/' }] }] })
    expect(headers['x-openstack-request-id']).toMatch(/^req-/)
    expect(headers['x-compute-request-id']).toBe(headers['x-openstack-request-id'])
  })

  test('creates, shows, lists, renames, stops and deletes servers', async () => {
    const created = await ask('compute', 'POST', '/v2.1/servers', { server: { name: 'one', flavorRef: '2' } })
    expect(created.status).toBe(202)
    const { id } = (created.body as { server: { id: string } }).server
    const path = `/v2.1/servers/${id}`
    expect(created.headers['location']).toBe(`http://api.example${path}`)
    const server = { id, name: 'one', status: 'ACTIVE', flavor: { id: '2' } }
    expect(await ask('compute', 'GET', path)).toMatchObject({ status: 200, body: { server } })
    expect(await ask('compute', 'GET', '/v2.1/servers')).toMatchObject({ body: { servers: [{ id, name: 'one' }] } })
    expect(await ask('compute', 'PUT', path, { server: { name: 'two' } })).toMatchObject({ status: 200, body: { server: { name: 'two' } } })
    expect(await ask('compute', 'POST', `${path}/action`, { 'os-stop': null })).toMatchObject({ status: 202 })
    expect(await ask('compute', 'POST', `${path}/action`, { 'os-stop': null })).toMatchObject({ status: 409 })
    const servers = [{ id, name: 'two', status: 'SHUTOFF' }]
    expect(await ask('compute', 'GET', '/v2.1/servers/detail')).toMatchObject({ body: { servers } })
    expect(await ask('compute', 'DELETE', path)).toMatchObject({ status: 204 })
    expect(await ask('compute', 'GET', path)).toMatchObject({ status: 404 })
  })

  test.for([
    { why: 'no server in the body', body: { name: 'one' }, status: 400 },
    { why: 'a name that is none', body: { server: { name: '' } }, status: 400 },
    { why: 'an unknown flavor', body: { server: { name: 'one', flavorRef: '99' } }, status: 404 },
    { why: 'more than the size limit', body: { server: { name: 'x'.repeat(120_000) } }, status: 413 },
  ])('refuses a server with $why', async ({ body, status }) => {
    const answer = await ask('compute', 'POST', '/v2.1/servers', body)
    expect(answer.status).toBe(status)
    expect(answer.headers['x-openstack-request-id']).toMatch(/^req-/)
  })

  test('answers in the version that was asked for, and refuses others', async () => {
    const described = { server: { name: 'one', description: 'the first' } }
    const created = await send('compute', 'POST', '/v2.1/servers', { body: described, version: '2.19' })
    expect(created).toMatchObject({ status: 202, headers: { 'openstack-api-version': 'compute 2.19' }, body: described })
    const { id } = (created.body as { server: { id: string } }).server
    const old = await ask('compute', 'GET', `/v2.1/servers/${id}`)
    expect(old.headers['openstack-api-version']).toBe('compute 2.1')
    expect(old.body).not.toHaveProperty('server.description')
    expect(await send('compute', 'GET', '/v2.1/servers', { version: '2.20' })).toMatchObject({ status: 406, body: { computeFault: { max_version: '2.19' } } })
  })

  test('tells a wrong body where it is wrong', async () => {
    const { body } = await ask('compute', 'POST', '/v2.1/servers', { server: { name: 7 } })
    expect(body).toMatchObject({ badRequest: { code: 400, errors: [{ in: 'body', pointer: '#/server/name' }] } })
  })

  test('tells a wrong method which ones there are', async () => {
    const { status, headers } = await ask('compute', 'DELETE', '/v2.1/servers')
    expect({ status, allow: headers['allow'] }).toEqual({ status: 405, allow: 'GET, POST, HEAD, OPTIONS' })
  })

  test('serves the metadata tree', async () => {
    expect(await ask('metadata', 'GET', '/')).toMatchObject({ status: 200, body: '1.0/\n2009-04-04/\nlatest/' })
    expect((await ask('metadata', 'GET', '/latest/meta-data/')).body).toContain('placement/')
    expect(await ask('metadata', 'GET', '/latest/meta-data/hostname')).toMatchObject({ status: 200, body: 'sample.novalocal' })
    expect(await ask('metadata', 'GET', '/latest/meta-data/local-ipv4')).toMatchObject({ body: '127.0.0.1' })
    expect((await ask('metadata', 'GET', '/latest/meta-data/nothing')).status).toBe(404)
  })

  test.for(['compute', 'metadata'])('answers health checks of %s', async (api) => {
    expect(await ask(api, 'GET', '/healthcheck')).toMatchObject({ status: 200, body: 'OK' })
    expect((await ask(api, 'HEAD', '/healthcheck')).status).toBe(200)
  })
})
