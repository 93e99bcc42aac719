import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, onTestFinished, test } from 'vitest'
import type { App } from '../../src/app.ts'
import { builtins } from '../../src/builtins.ts'
import { lintApp } from '../../src/compose/lint.ts'
import { Loader } from '../../src/paste/loader.ts'
import { writeFiles } from '../paste/paste-files.ts'
import { makeRequest } from '../support/make-request.ts'

const APPS_JS = `
export const echo = (globalConf, localConf) => (request) => ({
  body: [localConf.name, request.rawScriptName, request.rawPathInfo, request.environ['nova.best_content_type'], globalConf.debug],
})
export const tag = (globalConf, localConf) => (next) => async (request) => {
  const reply = await next(request)
  return { ...reply, body: [localConf.name, ...reply.body] }
}
`

/** nova's own file, but for what its apps and filters are. */
const NOVA_INI = `
[DEFAULT]
debug = yes

[composite:osapi_compute]
use = call:nova.api.openstack.urlmap:urlmap_factory
set debug = no
/: versions
/v2.1: version_v21
/v2.1/+: openstack_compute_api_v21

[composite:openstack_compute_api_v21]
use = call:nova.api.auth:pipeline_factory_v21
keystone = cors authtoken compute
noauth2 = cors noauth2 compute

[app:versions]
paste.app_factory = ./apps.mjs:echo
name = versions
[app:version_v21]
paste.app_factory = ./apps.mjs:echo
name = version
[app:compute]
paste.app_factory = ./apps.mjs:echo
name = compute
[filter:cors]
paste.filter_factory = ./apps.mjs:tag
name = cors
[filter:authtoken]
paste.filter_factory = ./apps.mjs:tag
name = authtoken
[filter:noauth2]
paste.filter_factory = ./apps.mjs:tag
name = noauth2
`

async function load(ini: string, name: string, others: Readonly<Record<string, string>> = {}): Promise<App> {
  const directory = writeFiles({ 'api-paste.ini': ini, 'apps.mjs': APPS_JS, ...others })
  return lintApp(await new Loader({ configPath: join(directory, 'api-paste.ini'), builtins }).loadApp(name))
}

test('nova composes its API with its own names', async () => {
  const app = await load(NOVA_INI, 'osapi_compute')
  const bodies = ['/', '/v2.1/', '/v2.1/servers'].map(async (rawPathInfo) => (await app(makeRequest({ rawPathInfo }))).body)
  expect(await Promise.all(bodies)).toEqual([
    ['versions', '', '/', 'application/json', 'no'],
    ['version', '/v2.1', '/', 'application/json', 'no'],
    ['cors', 'authtoken', 'compute', '/v2.1', '/servers', 'application/json', 'yes'],
  ])
})

test('a strategy nobody knows is told with the place it stands at', async () => {
  const ini = NOVA_INI.replace('noauth2 = cors', 'auth_strategy = noauth\nnoauth2 = cors')
  const message = 'api-paste.ini:15: [composite:openstack_compute_api_v21] auth_strategy: there is no pipeline of this name'
  await expect(load(ini, 'osapi_compute')).rejects.toThrow(message)
})

test("a cascade of files and a proxy, by Paste's names, behind PasteDeploy's prefix and config", async () => {
  const server = createServer((request, response) => void response.end(`${String(request.headers['x-forwarded-prefix'])} ${request.method} ${request.url}`)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  const ini = `
[pipeline:main]
pipeline = prefix config site
[filter:prefix]
use = egg:PasteDeploy#prefix
prefix = /front
[filter:config]
use = egg:PasteDeploy#config
[composite:site]
use = egg:Paste#cascade
app1 = files
app2 = up
[app:files]
use = egg:Paste#static
document_root = public
[app:up]
use = egg:Paste#proxy
address = http://127.0.0.1:${(server.address() as AddressInfo).port}/base/
`
  const app = await load(ini, 'main', { 'public/page.html': 'a page' })
  const ask = async (method: string, rawPathInfo: string): Promise<string> =>
    text((await app(makeRequest({ method, rawPathInfo }))).body as AsyncIterable<Buffer>)
  const answers = [await ask('GET', '/front/page.html'), await ask('GET', '/front/other'), await ask('POST', '/front/other')]
  expect(answers).toEqual(['a page', '/front GET /base/other', '/front POST /base/other'])
})
