import { lint } from './compose/lint.ts'
import { urlmapFactory } from './compose/urlmap.ts'
import { authToken } from './middleware/auth-token.ts'
import { basicAuth } from './middleware/basic-auth.ts'
import { compress } from './middleware/compress.ts'
import { cors } from './middleware/cors.ts'
import { etag } from './middleware/etag.ts'
import { faultwrap } from './middleware/faultwrap.ts'
import { healthcheck, healthcheckApp } from './middleware/healthcheck.ts'
import { keystoneContext } from './middleware/keystone-context.ts'
import { noAuth, noAuthWithoutProject } from './middleware/no-auth.ts'
import { rateLimit } from './middleware/rate-limit.ts'
import { requestId } from './middleware/request-id.ts'
import { secureHeaders } from './middleware/secure-headers.ts'
import { sizelimit } from './middleware/sizelimit.ts'
import { timeout } from './middleware/timeout.ts'
import type { BuiltinRegistry } from './paste/registry.ts'

/**
 * What INI files find in Millrace itself, under its own names and under those that files written for OpenStack have: the entry points of
 * Paste, PasteDeploy and oslo.middleware, and the functions of Python modules.
 */
export const builtins: BuiltinRegistry = [
  { names: ['millrace#urlmap', 'Paste#urlmap'], kind: 'composite', factory: urlmapFactory },

  { names: ['millrace#lint', 'Paste#lint'], kind: 'filter', factory: lint },
  { names: ['millrace#request_id'], kind: 'filter', factory: requestId },
  { names: ['millrace#faultwrap'], kind: 'filter', factory: faultwrap },
  { names: ['millrace#sizelimit'], kind: 'filter', factory: sizelimit },
  { names: ['millrace#cors'], kind: 'filter', factory: cors },
  { names: ['millrace#healthcheck'], kind: 'filter', factory: healthcheck },
  { names: ['millrace#healthcheck_app', 'millrace#healthcheck'], kind: 'app', factory: healthcheckApp },

  {
    names: [
      'millrace#basic_auth',
      'oslo.middleware#basic_auth',
      'oslo_middleware:BasicAuthMiddleware.factory',
      'oslo_middleware.basic_auth:BasicAuthMiddleware.factory',
    ],
    kind: 'filter',
    factory: basicAuth,
  },
  {
    names: [
      'millrace#auth_token',
      'keystonemiddleware#auth_token',
      'keystonemiddleware.auth_token:filter_factory',
      'keystoneclient.middleware.auth_token:filter_factory',
      'keystone.middleware.auth_token:filter_factory',
    ],
    kind: 'filter',
    factory: authToken,
  },
  { names: ['millrace#keystone_context', 'nova.api.auth:NovaKeystoneContext.factory'], kind: 'filter', factory: keystoneContext },
  { names: ['millrace#noauth', 'nova.api.openstack.auth:NoAuthMiddleware.factory'], kind: 'filter', factory: noAuth },
  { names: ['nova.api.openstack.auth:NoAuthMiddlewareV2_18.factory'], kind: 'filter', factory: noAuthWithoutProject },
  { names: ['millrace#secure_headers'], kind: 'filter', factory: secureHeaders },
  { names: ['millrace#rate_limit'], kind: 'filter', factory: rateLimit },
  { names: ['millrace#timeout'], kind: 'filter', factory: timeout },
  { names: ['millrace#compress'], kind: 'filter', factory: compress },
  { names: ['millrace#etag'], kind: 'filter', factory: etag },
]
