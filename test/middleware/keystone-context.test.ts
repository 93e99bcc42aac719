import { expect, test } from 'vitest'
import type { App } from '../../src/app.ts'
import { HttpError } from '../../src/errors.ts'
import { keystoneContext } from '../../src/middleware/keystone-context.ts'
import { makeLinted } from '../support/linted.ts'
import { makeRequest } from '../support/make-request.ts'

const tellContext: App = ({ environ }) => ({ body: environ })
const ask = async (headers: Record<string, string>): Promise<unknown> => (await (await makeLinted(keystoneContext, {}, tellContext))(makeRequest({ headers }))).body

test('the app finds who asks in one object', async () => {
  const headers = {
    'x-user-id': 'u', 'x-user-name': 'ada', 'x-user-domain-id': 'ud', 'x-project-id': 'p', 'x-project-name': 'engines', 'x-project-domain-id': 'pd',
    'x-domain-id': 'd', 'openstack-system-scope': 'all', 'x-roles': 'member, Admin,', 'x-auth-token': 't', 'x-service-user-id': 's', 'x-service-roles': 'service',
    'x-service-catalog': '[]',
  }
  expect(await ask(headers)).toEqual({
    'nova.context': {
      userId: 'u', userName: 'ada', userDomainId: 'ud', projectId: 'p', projectName: 'engines', projectDomainId: 'pd', domainId: 'd', systemScope: 'all',
      roles: ['member', 'Admin'], isAdmin: true, authToken: 't', serviceUserId: 's', serviceRoles: ['service'], serviceCatalog: '[]',
      remoteAddress: '192.0.2.7', requestId: 'req-11111111-2222-4333-8444-555555555555',
    },
  })
})

test('what is not known is null', async () => {
  expect(await ask({ 'x-user': 'u', 'x-storage-token': 's' })).toMatchObject({
    'nova.context': { userId: 'u', userName: null, projectId: null, roles: [], isAdmin: false, authToken: 's', serviceUserId: null, serviceRoles: [], serviceCatalog: null },
  })
})

test('without a user the answer is 401', async () => {
  const app = await makeLinted(keystoneContext, {}, tellContext)
  expect(() => app(makeRequest())).toThrow(expect.objectContaining({ name: 'HttpError', status: 401 }))
  expect(() => app(makeRequest())).toThrow(HttpError)
})

test('it has no options', () => {
  expect(() => keystoneContext({}, { a: 'b' })).toThrow('there is no such option')
})
