import type { App, CompositeFactory, CompositeLoader, Conf, Filter } from '../app.ts'
import { ConfigError } from '../errors.ts'
import { nearestName } from '../nearest.ts'
import { Problems } from '../problems.ts'
import { AUTH_STRATEGY, chosenBy, FLAVOR, type Choice } from './choice.ts'
import { composePipeline } from './pipeline.ts'

/**
 * One of several pipelines, as nova, cinder, neutron and others choose theirs: `egg:millrace#auth_pipeline`, or by their own names. Each key
 * is a strategy, its value a pipeline, `filter … app`; only the chosen one is made. Options:
 *
 * - `auth_strategy`: which, here or in `[DEFAULT]`; default `keystone`. nova has it in nova.conf.
 *
 * ```ini
 * [composite:openstack_compute_api_v21]
 * use = call:nova.api.auth:pipeline_factory_v21
 * keystone = cors faultwrap authtoken keystonecontext osapi_compute_app_v21
 * noauth2 = cors faultwrap noauth2 osapi_compute_app_v21
 * ```
 *
 * glance and heat choose by the flavor of their deployment instead, `egg:millrace#flavor_pipeline`:
 *
 * - `flavor`: which, here or in `[DEFAULT]`; default `default`. They have it in `[paste_deploy]` of their own configuration.
 *
 * ```ini
 * [composite:glance_api]
 * use = call:glance.api:pipeline_factory
 * flavor = keystone
 * default = cors versionnegotiation apiv2app
 * keystone = cors versionnegotiation authtoken apiv2app
 * ```
 *
 * As in nova, filters and app are made with the file's global settings, not with what this section `set`s. Strategies that nova calls
 * deprecated are like any other; cinder's `keystone_nolimit` is chosen by that name.
 */
export const authPipeline: CompositeFactory = chooseBy(AUTH_STRATEGY)

/** As {@link authPipeline}, by `flavor`. */
export const flavorPipeline: CompositeFactory = chooseBy(FLAVOR)

function chooseBy(choice: Choice): CompositeFactory {
  return async (loader, globalConf, localConf) => {
    const { [choice.option]: _, ...pipelines } = localConf
    const chosen = chosenBy(choice, globalConf, localConf)
    const names = pipelineOf(choice.option, chosen, pipelines).split(/\s+/).filter(Boolean)
    const last = names.pop()
    if (last === undefined) throw new ConfigError({ message: 'the pipeline is empty', option: chosen, expected: 'filters and an app' })
    return loadPipeline(loader, names, last)
  }
}

function pipelineOf(option: string, chosen: string, pipelines: Conf): string {
  const pipeline = pipelines[chosen]
  if (pipeline !== undefined) return pipeline
  const known = Object.keys(pipelines)
  const expected = known.length === 0 ? 'a key of that name in the section' : `one of ${known.join(', ')}`
  const nearest = nearestName(chosen, known)
  throw new ConfigError({ message: 'there is no pipeline of this name', option, value: chosen, expected, nearest })
}

async function loadPipeline(loader: CompositeLoader, filterNames: readonly string[], appName: string): Promise<App> {
  const problems = new Problems()
  const filters = []
  for (const name of filterNames) filters.push(await problems.tryAsync(() => loader.getFilter(name)))
  const app = await problems.tryAsync(() => loader.getApp(appName))
  // Past this, none of them is missing.
  problems.throwAny()
  return composePipeline(filters as Filter[], app as App)
}
