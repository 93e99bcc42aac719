import type { App, CompositeFactory, CompositeLoader, Conf, Filter } from '../app.ts'
import { ConfigError } from '../errors.ts'
import { nearestName } from '../nearest.ts'
import { Problems } from '../problems.ts'
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
 * As in nova, filters and app are made with the file's global settings, not with what this section `set`s. Strategies that nova calls
 * deprecated are like any other; cinder's `keystone_nolimit` is chosen by that name.
 */
export const authPipelineFactory: CompositeFactory = async (loader, globalConf, localConf) => {
  const { auth_strategy: strategy = globalConf['auth_strategy'] ?? 'keystone', ...pipelines } = localConf
  const names = pipelineOf(strategy, pipelines).split(/\s+/).filter(Boolean)
  const last = names.pop()
  if (last === undefined) throw new ConfigError({ message: 'the pipeline is empty', option: strategy, expected: 'filters and an app' })
  return loadPipeline(loader, names, last)
}

function pipelineOf(strategy: string, pipelines: Conf): string {
  const pipeline = pipelines[strategy]
  if (pipeline !== undefined) return pipeline
  const known = Object.keys(pipelines)
  const expected = known.length === 0 ? 'a pipeline of that name' : `one of ${known.join(', ')}`
  const nearest = nearestName(strategy, known)
  throw new ConfigError({ message: 'there is no pipeline for this strategy', option: 'auth_strategy', value: strategy, expected, nearest })
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
