import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { builtins, composePipeline, Loader } from '../src/index.ts'
import { makeRequest } from './support/make-request.ts'

const loader = new Loader({ configPath: fileURLToPath(new URL('../api-paste.ini', import.meta.url)), builtins })

it("reads an app's settings out of the sample, as the package's README says", () => {
  expect(loader.appConfig('compute_app')).toMatchObject({ max_servers: '1000' })
})

it('loads an app and a filter of the sample', async () => {
  const app = composePipeline([await loader.loadFilter('request_id')], await loader.loadApp('healthcheck'))
  const reply = await app(makeRequest({ rawPathInfo: '' }))
  expect(reply).toMatchObject({ status: 200, headers: { 'x-openstack-request-id': expect.stringMatching(/^req-/) as string } })
})
