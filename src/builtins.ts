import { AUTH_STRATEGY, type Choice, FLAVOR } from './compose/choice.ts'
import { OTHER_NAMES } from './other-names.ts'
import type { Builtin } from './paste/protocols.ts'
import type { BuiltinRegistry } from './paste/registry.ts'

/** Its module is imported when it is first called: a worker loads what its API is made of, not all there is. */
function lazily<C extends unknown[], M>(load: () => Promise<(...conf: C) => M | Promise<M>>): (...conf: C) => Promise<M> {
  return async (...conf) => (await load())(...conf)
}

const FACTORIES: readonly (Builtin & { readonly name: string; readonly chooses?: Choice })[] = [
  { name: 'millrace#urlmap', kind: 'composite', factory: lazily(async () => (await import('./compose/urlmap.ts')).urlmapFactory) },
  { name: 'millrace#auth_pipeline', kind: 'composite', chooses: AUTH_STRATEGY, factory: lazily(async () => (await import('./compose/auth-pipeline.ts')).authPipeline) },
  { name: 'millrace#flavor_pipeline', kind: 'composite', chooses: FLAVOR, factory: lazily(async () => (await import('./compose/auth-pipeline.ts')).flavorPipeline) },
  { name: 'millrace#nova_urlmap', kind: 'composite', factory: lazily(async () => (await import('./compose/nova-urlmap.ts')).novaUrlmapFactory) },
  { name: 'millrace#cascade', kind: 'composite', factory: lazily(async () => (await import('./compose/cascade.ts')).cascadeFactory) },
  { name: 'millrace#fetch', kind: 'composite', factory: lazily(async () => (await import('./compose/fetch-app.ts')).fetchFactory) },
  { name: 'millrace#node', kind: 'composite', factory: lazily(async () => (await import('./compose/node-app.ts')).nodeFactory) },

  { name: 'millrace#static', kind: 'app', factory: lazily(async () => (await import('./compose/static.ts')).staticFactory) },
  { name: 'millrace#proxy', kind: 'app', factory: lazily(async () => (await import('./compose/proxy.ts')).proxyFactory) },
  { name: 'millrace#healthcheck_app', kind: 'app', factory: lazily(async () => (await import('./middleware/healthcheck.ts')).healthcheckApp) },

  { name: 'millrace#prefix', kind: 'filter', factory: lazily(async () => (await import('./middleware/prefix.ts')).prefix) },
  { name: 'millrace#config', kind: 'filter', factory: lazily(async () => (await import('./middleware/config.ts')).config) },
  { name: 'millrace#lint', kind: 'filter', factory: lazily(async () => (await import('./compose/lint.ts')).lint) },
  { name: 'millrace#request_id', kind: 'filter', factory: lazily(async () => (await import('./middleware/request-id.ts')).requestId) },
  { name: 'millrace#compute_req_id', kind: 'filter', factory: lazily(async () => (await import('./middleware/request-id.ts')).computeRequestId) },
  { name: 'millrace#correlation_id', kind: 'filter', factory: lazily(async () => (await import('./middleware/correlation-id.ts')).correlationId) },
  { name: 'millrace#catch_errors', kind: 'filter', factory: lazily(async () => (await import('./middleware/catch-errors.ts')).catchErrors) },
  { name: 'millrace#faultwrap', kind: 'filter', factory: lazily(async () => (await import('./middleware/faultwrap.ts')).faultwrap) },
  { name: 'millrace#sizelimit', kind: 'filter', factory: lazily(async () => (await import('./middleware/sizelimit.ts')).sizelimit) },
  { name: 'millrace#cors', kind: 'filter', factory: lazily(async () => (await import('./middleware/cors.ts')).cors) },
  { name: 'millrace#http_proxy_to_wsgi', kind: 'filter', factory: lazily(async () => (await import('./middleware/http-proxy-to-wsgi.ts')).httpProxyToWsgi) },
  { name: 'millrace#request_log', kind: 'filter', factory: lazily(async () => (await import('./middleware/request-log.ts')).requestLog) },
  { name: 'millrace#debug', kind: 'filter', factory: lazily(async () => (await import('./middleware/debug.ts')).debug) },
  { name: 'millrace#healthcheck', kind: 'filter', factory: lazily(async () => (await import('./middleware/healthcheck.ts')).healthcheck) },
  { name: 'millrace#basic_auth', kind: 'filter', factory: lazily(async () => (await import('./middleware/basic-auth.ts')).basicAuth) },
  { name: 'millrace#auth_token', kind: 'filter', factory: lazily(async () => (await import('./middleware/auth-token.ts')).authToken) },
  { name: 'millrace#keystone_context', kind: 'filter', factory: lazily(async () => (await import('./middleware/keystone-context.ts')).keystoneContext) },
  { name: 'millrace#noauth', kind: 'filter', factory: lazily(async () => (await import('./middleware/no-auth.ts')).noAuth) },
  { name: 'millrace#noauth_v2_18', kind: 'filter', factory: lazily(async () => (await import('./middleware/no-auth.ts')).noAuthWithoutProject) },
  { name: 'millrace#secure_headers', kind: 'filter', factory: lazily(async () => (await import('./middleware/secure-headers.ts')).secureHeaders) },
  { name: 'millrace#rate_limit', kind: 'filter', factory: lazily(async () => (await import('./middleware/rate-limit.ts')).rateLimit) },
  { name: 'millrace#timeout', kind: 'filter', factory: lazily(async () => (await import('./middleware/timeout.ts')).timeout) },
  { name: 'millrace#compress', kind: 'filter', factory: lazily(async () => (await import('./middleware/compress.ts')).compress) },
  { name: 'millrace#etag', kind: 'filter', factory: lazily(async () => (await import('./middleware/etag.ts')).etag) },

  { name: 'millrace#http', kind: 'server', factory: lazily(async () => (await import('./http-server.ts')).httpServer) },
]

/** What INI files find in Millrace itself, by its own names and by those that files written for OpenStack have for the same. */
export const builtins: BuiltinRegistry = FACTORIES.map((row) => ({ ...row, names: [row.name, ...(OTHER_NAMES[row.name] ?? [])] }))
