import { lint } from './compose/lint.ts'
import { urlmapFactory } from './compose/urlmap.ts'
import { httpServer } from './http-server.ts'
import { cors } from './middleware/cors.ts'
import { faultwrap } from './middleware/faultwrap.ts'
import { healthcheck, healthcheckApp } from './middleware/healthcheck.ts'
import { requestId } from './middleware/request-id.ts'
import { sizelimit } from './middleware/sizelimit.ts'
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

  { names: ['millrace#http', 'Paste#http'], kind: 'server', factory: httpServer },
]
