import { authPipeline, flavorPipeline } from './compose/auth-pipeline.ts'
import { cascadeFactory } from './compose/cascade.ts'
import { fetchFactory } from './compose/fetch-app.ts'
import { lint } from './compose/lint.ts'
import { nodeFactory } from './compose/node-app.ts'
import { novaUrlmapFactory } from './compose/nova-urlmap.ts'
import { proxyFactory } from './compose/proxy.ts'
import { staticFactory } from './compose/static.ts'
import { urlmapFactory } from './compose/urlmap.ts'
import { httpServer } from './http-server.ts'
import { authToken } from './middleware/auth-token.ts'
import { basicAuth } from './middleware/basic-auth.ts'
import { catchErrors } from './middleware/catch-errors.ts'
import { compress } from './middleware/compress.ts'
import { config } from './middleware/config.ts'
import { correlationId } from './middleware/correlation-id.ts'
import { cors } from './middleware/cors.ts'
import { debug } from './middleware/debug.ts'
import { etag } from './middleware/etag.ts'
import { faultwrap } from './middleware/faultwrap.ts'
import { healthcheck, healthcheckApp } from './middleware/healthcheck.ts'
import { httpProxyToWsgi } from './middleware/http-proxy-to-wsgi.ts'
import { keystoneContext } from './middleware/keystone-context.ts'
import { noAuth, noAuthWithoutProject } from './middleware/no-auth.ts'
import { prefix } from './middleware/prefix.ts'
import { rateLimit } from './middleware/rate-limit.ts'
import { computeRequestId, requestId } from './middleware/request-id.ts'
import { requestLog } from './middleware/request-log.ts'
import { secureHeaders } from './middleware/secure-headers.ts'
import { sizelimit } from './middleware/sizelimit.ts'
import { timeout } from './middleware/timeout.ts'
import { OTHER_NAMES } from './other-names.ts'
import type { Builtin } from './paste/protocols.ts'
import type { BuiltinRegistry } from './paste/registry.ts'

const FACTORIES: readonly (Builtin & { readonly name: string })[] = [
  { name: 'millrace#urlmap', kind: 'composite', factory: urlmapFactory },
  { name: 'millrace#auth_pipeline', kind: 'composite', ...authPipeline },
  { name: 'millrace#flavor_pipeline', kind: 'composite', ...flavorPipeline },
  { name: 'millrace#nova_urlmap', kind: 'composite', factory: novaUrlmapFactory },
  { name: 'millrace#cascade', kind: 'composite', factory: cascadeFactory },
  { name: 'millrace#fetch', kind: 'composite', factory: fetchFactory },
  { name: 'millrace#node', kind: 'composite', factory: nodeFactory },

  { name: 'millrace#static', kind: 'app', factory: staticFactory },
  { name: 'millrace#proxy', kind: 'app', factory: proxyFactory },
  { name: 'millrace#healthcheck_app', kind: 'app', factory: healthcheckApp },

  { name: 'millrace#prefix', kind: 'filter', factory: prefix },
  { name: 'millrace#config', kind: 'filter', factory: config },
  { name: 'millrace#lint', kind: 'filter', factory: lint },
  { name: 'millrace#request_id', kind: 'filter', factory: requestId },
  { name: 'millrace#compute_req_id', kind: 'filter', factory: computeRequestId },
  { name: 'millrace#correlation_id', kind: 'filter', factory: correlationId },
  { name: 'millrace#catch_errors', kind: 'filter', factory: catchErrors },
  { name: 'millrace#faultwrap', kind: 'filter', factory: faultwrap },
  { name: 'millrace#sizelimit', kind: 'filter', factory: sizelimit },
  { name: 'millrace#cors', kind: 'filter', factory: cors },
  { name: 'millrace#http_proxy_to_wsgi', kind: 'filter', factory: httpProxyToWsgi },
  { name: 'millrace#request_log', kind: 'filter', factory: requestLog },
  { name: 'millrace#debug', kind: 'filter', factory: debug },
  { name: 'millrace#healthcheck', kind: 'filter', factory: healthcheck },
  { name: 'millrace#basic_auth', kind: 'filter', factory: basicAuth },
  { name: 'millrace#auth_token', kind: 'filter', factory: authToken },
  { name: 'millrace#keystone_context', kind: 'filter', factory: keystoneContext },
  { name: 'millrace#noauth', kind: 'filter', factory: noAuth },
  { name: 'millrace#noauth_v2_18', kind: 'filter', factory: noAuthWithoutProject },
  { name: 'millrace#secure_headers', kind: 'filter', factory: secureHeaders },
  { name: 'millrace#rate_limit', kind: 'filter', factory: rateLimit },
  { name: 'millrace#timeout', kind: 'filter', factory: timeout },
  { name: 'millrace#compress', kind: 'filter', factory: compress },
  { name: 'millrace#etag', kind: 'filter', factory: etag },

  { name: 'millrace#http', kind: 'server', factory: httpServer },
]

/** What INI files find in Millrace itself, by its own names and by those that files written for OpenStack have for the same. */
export const builtins: BuiltinRegistry = FACTORIES.map((row) => ({ ...row, names: [row.name, ...(OTHER_NAMES[row.name] ?? [])] }))
