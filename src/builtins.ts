import { authPipelineFactory } from './compose/auth-pipeline.ts'
import { lint } from './compose/lint.ts'
import { cascadeFactory } from './compose/cascade.ts'
import { novaUrlmapFactory } from './compose/nova-urlmap.ts'
import { proxyFactory } from './compose/proxy.ts'
import { staticFactory } from './compose/static.ts'
import { urlmapFactory } from './compose/urlmap.ts'
import { catchErrors } from './middleware/catch-errors.ts'
import { correlationId } from './middleware/correlation-id.ts'
import { config } from './middleware/config.ts'
import { cors } from './middleware/cors.ts'
import { debug } from './middleware/debug.ts'
import { faultwrap } from './middleware/faultwrap.ts'
import { healthcheck, healthcheckApp } from './middleware/healthcheck.ts'
import { httpProxyToWsgi } from './middleware/http-proxy-to-wsgi.ts'
import { computeRequestId, requestId } from './middleware/request-id.ts'
import { requestLog } from './middleware/request-log.ts'
import { prefix } from './middleware/prefix.ts'
import { sizelimit } from './middleware/sizelimit.ts'
import type { BuiltinRegistry } from './paste/registry.ts'

/**
 * What INI files find in Millrace itself, under its own names and under those that files written for OpenStack have: the entry points of
 * Paste, PasteDeploy and oslo.middleware, and the functions of Python modules.
 */
export const builtins: BuiltinRegistry = [
  {
    names: [
      'millrace#urlmap',
      'Paste#urlmap',
      'paste.urlmap:urlmap_factory',
      'cinder.api:root_app_factory',
      'glance.api:root_app_factory',
      'manila.api:root_app_factory',
    ],
    kind: 'composite',
    factory: urlmapFactory,
  },
  {
    names: [
      'millrace#auth_pipeline',
      'nova.api.auth:pipeline_factory',
      'nova.api.auth:pipeline_factory_v21',
      'cinder.api.middleware.auth:pipeline_factory',
      'congress.auth:pipeline_factory',
      'designate.api.middleware:auth_pipeline_factory',
      'karbor.api.middleware.auth:pipeline_factory',
      'manila.api.middleware.auth:pipeline_factory',
      'masakari.api.auth:pipeline_factory_v1',
      'neutron.auth:pipeline_factory',
      'quantum.auth:pipeline_factory',
      'tacker.auth:pipeline_factory',
    ],
    kind: 'composite',
    factory: authPipelineFactory,
  },
  {
    names: [
      'millrace#nova_urlmap',
      'nova.api.openstack.urlmap:urlmap_factory',
      'cinder.api.urlmap:urlmap_factory',
      'cinder.api.openstack.urlmap:urlmap_factory',
      'masakari.api.urlmap:urlmap_factory',
    ],
    kind: 'composite',
    factory: novaUrlmapFactory,
  },
  { names: ['millrace#cascade', 'Paste#cascade', 'paste.cascade:make_cascade'], kind: 'composite', factory: cascadeFactory },
  { names: ['millrace#static', 'Paste#static'], kind: 'app', factory: staticFactory },
  { names: ['millrace#proxy', 'Paste#proxy'], kind: 'app', factory: proxyFactory },
  { names: ['millrace#prefix', 'PasteDeploy#prefix'], kind: 'filter', factory: prefix },
  { names: ['millrace#config', 'PasteDeploy#config', 'Paste#config'], kind: 'filter', factory: config },

  { names: ['millrace#lint', 'Paste#lint'], kind: 'filter', factory: lint },
  {
    names: [
      'millrace#request_id',
      'oslo.middleware#request_id',
      'oslo_middleware:RequestId.factory',
      'oslo_middleware.request_id:RequestId.factory',
      'oslo.middleware:RequestId.factory',
      'cinder.api.middleware.request_id:RequestId.factory',
      'nova.openstack.common.middleware.request_id:RequestIdMiddleware.factory',
      'cinder.openstack.common.middleware.request_id:RequestIdMiddleware.factory',
      'heat.openstack.common.middleware.request_id:RequestIdMiddleware.factory',
      'neutron.openstack.common.middleware.request_id:RequestIdMiddleware.factory',
    ],
    kind: 'filter',
    factory: requestId,
  },
  { names: ['millrace#compute_req_id', 'nova.api.compute_req_id:ComputeReqIdMiddleware.factory'], kind: 'filter', factory: computeRequestId },
  {
    names: [
      'millrace#correlation_id',
      'oslo.middleware#correlation_id',
      'oslo_middleware:CorrelationId.factory',
      'oslo_middleware.correlation_id:CorrelationId.factory',
    ],
    kind: 'filter',
    factory: correlationId,
  },
  {
    names: [
      'millrace#catch_errors',
      'oslo.middleware#catch_errors',
      'oslo_middleware:CatchErrors.factory',
      'oslo_middleware.catch_errors:CatchErrors.factory',
      'oslo.middleware:CatchErrors.factory',
      'neutron.openstack.common.middleware.catch_errors:CatchErrorsMiddleware.factory',
    ],
    kind: 'filter',
    factory: catchErrors,
  },
  {
    names: [
      'millrace#faultwrap',
      'nova.api.openstack:FaultWrapper.factory',
      'cinder.api.middleware.fault:FaultWrapper.factory',
      'manila.api.middleware.fault:FaultWrapper.factory',
    ],
    kind: 'filter',
    factory: faultwrap,
  },
  {
    names: [
      'millrace#sizelimit',
      'oslo.middleware#sizelimit',
      'oslo_middleware:RequestBodySizeLimiter.factory',
      'oslo_middleware.sizelimit:RequestBodySizeLimiter.factory',
      'oslo.middleware:RequestBodySizeLimiter.factory',
      'oslo.middleware.sizelimit:RequestBodySizeLimiter.factory',
      'nova.api.sizelimit:RequestBodySizeLimiter.factory',
      'cinder.api.middleware.sizelimit:RequestBodySizeLimiter.factory',
      'keystone.middleware:RequestBodySizeLimiter.factory',
    ],
    kind: 'filter',
    factory: sizelimit,
  },
  {
    names: [
      'millrace#cors',
      'oslo.middleware#cors',
      'oslo_middleware:CORS.factory',
      'oslo_middleware.cors:CORS.factory',
      'oslo_middleware.cors:filter_factory',
    ],
    kind: 'filter',
    factory: cors,
  },
  {
    names: [
      'millrace#http_proxy_to_wsgi',
      'oslo.middleware#http_proxy_to_wsgi',
      'oslo_middleware:HTTPProxyToWSGI.factory',
      'oslo_middleware.http_proxy_to_wsgi:HTTPProxyToWSGI.factory',
      'oslo_middleware.http_proxy_to_wsgi:HTTPProxyToWSGIMiddleware.factory',
    ],
    kind: 'filter',
    factory: httpProxyToWsgi,
  },
  { names: ['millrace#request_log', 'nova.api.openstack.requestlog:RequestLog.factory'], kind: 'filter', factory: requestLog },
  {
    names: ['millrace#debug', 'oslo.middleware#debug', 'oslo_middleware:Debug.factory', 'oslo_middleware.debug:Debug.factory', 'keystone.common.wsgi:Debug.factory'],
    kind: 'filter',
    factory: debug,
  },
  {
    names: [
      'millrace#healthcheck',
      'oslo.middleware#healthcheck',
      'oslo_middleware:Healthcheck.factory',
      'oslo_middleware.healthcheck:Healthcheck.factory',
    ],
    kind: 'filter',
    factory: healthcheck,
  },
  {
    names: [
      'millrace#healthcheck_app',
      'millrace#healthcheck',
      'oslo.middleware#healthcheck',
      'oslo_middleware:Healthcheck.app_factory',
      'oslo_middleware.healthcheck:Healthcheck.app_factory',
    ],
    kind: 'app',
    factory: healthcheckApp,
  },
]
