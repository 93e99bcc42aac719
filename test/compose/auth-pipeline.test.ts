import { expect, test } from 'vitest'
import type { App, CompositeLoader, Conf } from '../../src/app.ts'
import { authPipeline, flavorPipeline } from '../../src/compose/auth-pipeline.ts'
import { lintApp } from '../../src/compose/lint.ts'
import { ConfigError } from '../../src/errors.ts'
import { makeRequest } from '../support/make-request.ts'
import { partialLoader } from '../support/partial-loader.ts'

const PIPELINES = { keystone: ' cors\n  authtoken compute ', noauth2: 'cors noauth2 compute', bare: 'compute', empty: ' ' }

/** Filters put their name before what the app answers; what is asked for is kept. */
function makeLoader(missing: readonly string[] = []): CompositeLoader & { readonly asked: unknown[][] } {
  const asked: unknown[][] = []
  const find = <T>(name: string, found: T): Promise<T> =>
    missing.includes(name) ? Promise.reject(new ConfigError({ message: 'missing', value: name })) : Promise.resolve(found)
  const loader = partialLoader({
    getApp: (...args) => {
      asked.push(args)
      return find(args[0], lintApp(() => ({ body: [args[0]] })))
    },
    getFilter: (...args) => {
      asked.push(args)
      return find(args[0], (next: App): App => async (request) => ({ body: [args[0], ...((await next(request)).body as string[])] }))
    },
  })
  return Object.assign(loader, { asked })
}

async function answer(localConf: Conf, globalConf: Conf = {}): Promise<unknown> {
  const app = await authPipeline(makeLoader(), globalConf, localConf)
  return (await lintApp(app)(makeRequest())).body
}

test('the pipeline of keystone is made when nothing says otherwise', async () => {
  expect(await answer(PIPELINES)).toEqual(['cors', 'authtoken', 'compute'])
})

test('auth_strategy chooses; the section wins over [DEFAULT]', async () => {
  expect(await answer(PIPELINES, { auth_strategy: 'noauth2' })).toEqual(['cors', 'noauth2', 'compute'])
  expect(await answer({ ...PIPELINES, auth_strategy: 'bare' }, { auth_strategy: 'noauth2' })).toEqual(['compute'])
})

test('nothing of the other pipelines is made, and no global settings are given, as in nova', async () => {
  const loader = makeLoader()
  await authPipeline(loader, { debug: 'true' }, PIPELINES)
  expect(loader.asked).toEqual([['cors'], ['authtoken'], ['compute']])
})

test('a strategy without a pipeline is an error with the nearest one', async () => {
  await expect(answer({ ...PIPELINES, auth_strategy: 'keyston' })).rejects.toThrow(
    'auth_strategy: there is no pipeline of this name (got "keyston"; expected one of keystone, noauth2, bare, empty); did you mean "keystone"?',
  )
  await expect(answer({})).rejects.toThrow('auth_strategy: there is no pipeline of this name (got "keystone"; expected a key of that name in the section)')
})

test('an empty pipeline is an error that names it', async () => {
  await expect(answer({ ...PIPELINES, auth_strategy: 'empty' })).rejects.toThrow('empty: the pipeline is empty (expected filters and an app)')
})

test('everything that cannot be made is told at once', async () => {
  const work = Promise.resolve(authPipeline(makeLoader(['cors', 'compute']), {}, PIPELINES))
  const error = await work.catch((thrown: unknown) => thrown)
  expect(error instanceof ConfigError && error.problems.map(({ value }) => value)).toEqual(['cors', 'compute'])
})

/** The filters and the app that the flavor is made of. */
async function askedByFlavor(localConf: Conf): Promise<string[]> {
  const loader = makeLoader()
  await flavorPipeline(loader, {}, localConf)
  return loader.asked.flat().map(String)
}

test('glance and heat choose by flavor, and without one the default', async () => {
  const pipelines = { default: 'cors compute', keystone: 'cors authtoken compute' }
  expect(await askedByFlavor(pipelines)).toEqual(['cors', 'compute'])
  expect(await askedByFlavor({ ...pipelines, flavor: 'keystone' })).toEqual(['cors', 'authtoken', 'compute'])
  await expect(askedByFlavor({ ...pipelines, flavor: 'keyston' })).rejects.toThrow(
    'flavor: there is no pipeline of this name (got "keyston"; expected one of default, keystone); did you mean "keystone"?',
  )
})
