import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { HttpRequest } from '../../src/app.ts'
import { builtins } from '../../src/builtins.ts'
import { lintApp } from '../../src/compose/lint.ts'
import { composePipeline } from '../../src/compose/pipeline.ts'
import { HttpError } from '../../src/errors.ts'
import { Loader } from '../../src/paste/loader.ts'
import { writeFiles } from '../paste/paste-files.ts'
import { makeRequest } from '../support/make-request.ts'

function loaderOf(ini: string): Loader {
  return new Loader({ configPath: join(writeFiles({ 'api-paste.ini': ini }), 'api-paste.ini'), builtins })
}

/** The entry points of oslo.middleware, as of 2026, but for basic_auth. */
const ENTRY_POINTS = 'catch_errors correlation_id cors debug healthcheck http_proxy_to_wsgi request_id sizelimit'.split(' ')

/** What paste files of OpenStack's projects name; some of them of releases past. */
const FUNCTIONS = [
  'cinder.api.middleware.fault:FaultWrapper.factory',
  'cinder.api.middleware.request_id:RequestId.factory',
  'cinder.api.middleware.sizelimit:RequestBodySizeLimiter.factory',
  'manila.api.middleware.fault:FaultWrapper.factory',
  'neutron.openstack.common.middleware.catch_errors:CatchErrorsMiddleware.factory',
  'nova.api.compute_req_id:ComputeReqIdMiddleware.factory',
  'nova.api.openstack.requestlog:RequestLog.factory',
  'nova.api.openstack:FaultWrapper.factory',
  'nova.api.sizelimit:RequestBodySizeLimiter.factory',
  'oslo.middleware:RequestId.factory',
  'oslo_middleware.cors:filter_factory',
  'oslo_middleware.debug:Debug.factory',
  'oslo_middleware.http_proxy_to_wsgi:HTTPProxyToWSGI.factory',
  'oslo_middleware.request_id:RequestId.factory',
  'oslo_middleware.sizelimit:RequestBodySizeLimiter.factory',
  'oslo_middleware:CatchErrors.factory',
  'oslo_middleware:CorrelationId.factory',
  'oslo_middleware:HTTPProxyToWSGI.factory',
  'oslo_middleware:Healthcheck.factory',
  'oslo_middleware:RequestBodySizeLimiter.factory',
  'oslo_middleware:RequestId.factory',
]

test.each(ENTRY_POINTS)('egg:oslo.middleware#%s is a filter, also with the keys that name a configuration of oslo.config', async (name) => {
  const keys = 'oslo_config_project = nova\noslo_config_program = nova-api\noslo_config_file = /etc/nova/nova.conf'
  const filter = await loaderOf(`[filter:main]\nuse = egg:oslo.middleware#${name}\n${keys}\n`).loadFilter('main')
  expect(await lintApp(filter(lintApp(() => ({ status: 201 }))))(makeRequest())).toMatchObject({ status: 201 })
})

test.each(FUNCTIONS)('%s is a filter', async (name) => {
  const filter = await loaderOf(`[filter:main]\npaste.filter_factory = ${name}\n`).loadFilter('main')
  expect(await lintApp(filter(lintApp(() => ({ status: 201 }))))(makeRequest())).toMatchObject({ status: 201 })
})

test.each(['use = egg:oslo.middleware#healthcheck', 'paste.app_factory = oslo_middleware:Healthcheck.app_factory'])('%s is an app', async (line) => {
  const app = await loaderOf(`[app:main]\n${line}\nbackends = disable_by_file\ndisable_by_file_path = /nowhere/off\n`).loadApp('main')
  expect(lintApp(app)(makeRequest())).toMatchObject({ status: 200, body: 'OK' })
})

test("the filters of nova's pipeline work together", async () => {
  const proxy = '10.0.0.1'
  const loader = loaderOf(`
[filter:cors]
paste.filter_factory = oslo_middleware.cors:filter_factory
oslo_config_project = nova
allowed_origin = https://dashboard.example
[filter:http_proxy_to_wsgi]
paste.filter_factory = oslo_middleware.http_proxy_to_wsgi:HTTPProxyToWSGI.factory
enable_proxy_headers_parsing = true
[filter:compute_req_id]
paste.filter_factory = nova.api.compute_req_id:ComputeReqIdMiddleware.factory
[filter:faultwrap]
paste.filter_factory = nova.api.openstack:FaultWrapper.factory
[filter:request_log]
paste.filter_factory = nova.api.openstack.requestlog:RequestLog.factory
[filter:sizelimit]
paste.filter_factory = oslo_middleware:RequestBodySizeLimiter.factory
`)
  const names = 'cors http_proxy_to_wsgi compute_req_id faultwrap request_log sizelimit'.split(' ')
  const filters = await Promise.all(names.map((name) => loader.loadFilter(name)))
  const app = composePipeline(filters, (request) => {
    throw new HttpError(404, `There is no server for ${request.client.address}.`)
  })
  const server: HttpRequest['server'] = { name: 'compute', address: '192.0.2.1', port: 8774, stopping: false, trusts: (address) => address === proxy }
  const headers = { origin: 'https://dashboard.example', 'x-forwarded-for': '6.6.6.6, 203.0.113.7' }
  const request = makeRequest({ server, client: { address: proxy, port: 1 }, headers })
  expect(lintApp(app)(request)).toEqual({
    status: 404,
    headers: {
      'x-openstack-request-id': request.id,
      'x-compute-request-id': request.id,
      vary: 'Origin',
      'access-control-allow-origin': 'https://dashboard.example',
      'access-control-allow-credentials': 'true',
    },
    body: { itemNotFound: { code: 404, message: 'There is no server for 203.0.113.7.' } },
  })
})
