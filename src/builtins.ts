import { authPipelineFactory } from './compose/auth-pipeline.ts'
import { lint } from './compose/lint.ts'
import { cascadeFactory } from './compose/cascade.ts'
import { novaUrlmapFactory } from './compose/nova-urlmap.ts'
import { proxyFactory } from './compose/proxy.ts'
import { staticFactory } from './compose/static.ts'
import { urlmapFactory } from './compose/urlmap.ts'
import { config } from './middleware/config.ts'
import { cors } from './middleware/cors.ts'
import { faultwrap } from './middleware/faultwrap.ts'
import { healthcheck, healthcheckApp } from './middleware/healthcheck.ts'
import { prefix } from './middleware/prefix.ts'
import { requestId } from './middleware/request-id.ts'
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
  { names: ['millrace#request_id'], kind: 'filter', factory: requestId },
  { names: ['millrace#faultwrap'], kind: 'filter', factory: faultwrap },
  { names: ['millrace#sizelimit'], kind: 'filter', factory: sizelimit },
  { names: ['millrace#cors'], kind: 'filter', factory: cors },
  { names: ['millrace#healthcheck'], kind: 'filter', factory: healthcheck },
  { names: ['millrace#healthcheck_app', 'millrace#healthcheck'], kind: 'app', factory: healthcheckApp },
]
