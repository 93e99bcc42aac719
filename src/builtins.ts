import { urlmapFactory } from './compose/urlmap.ts'
import { cors } from './middleware/cors.ts'
import { faultwrap } from './middleware/faultwrap.ts'
import { healthcheck, healthcheckApp } from './middleware/healthcheck.ts'
import { requestId } from './middleware/request-id.ts'
import { sizelimit } from './middleware/sizelimit.ts'
import type { BuiltinRegistry } from './paste/registry.ts'

/** What `egg:` finds in Millrace itself. `egg:Paste#urlmap` is here so that files written for PasteDeploy load as they are. */
export const builtins: BuiltinRegistry = new Map([
  ['Paste#urlmap', { kind: 'composite', factory: urlmapFactory }],
  ['millrace#urlmap', { kind: 'composite', factory: urlmapFactory }],
  ['millrace#request_id', { kind: 'filter', factory: requestId }],
  ['millrace#faultwrap', { kind: 'filter', factory: faultwrap }],
  ['millrace#sizelimit', { kind: 'filter', factory: sizelimit }],
  ['millrace#cors', { kind: 'filter', factory: cors }],
  ['millrace#healthcheck', { kind: 'filter', factory: healthcheck }],
  ['millrace#healthcheck_app', { kind: 'app', factory: healthcheckApp }],
])
