import { expect, test } from 'vitest'
import type { App } from '../../src/app.ts'
import { noAuth, noAuthWithoutProject } from '../../src/middleware/no-auth.ts'
import { makeLinted } from '../support/linted.ts'
import { makeRequest } from '../support/make-request.ts'

const tellContext: App = ({ environ }) => ({ body: environ })

test('who has no token is given one, and told where to go on', async () => {
  const app = await makeLinted(noAuth, {}, tellContext)
  expect(app(makeRequest({ rawScriptName: '/v2.1', rawPathInfo: '/' }))).toEqual({
    status: 204,
    headers: { 'x-auth-token': 'admin:admin', 'x-server-management-url': 'http://api.example/v2.1/admin' },
  })
  const headers = { 'x-auth-user': 'ada', 'x-auth-project-id': 'engines' }
  expect(app(makeRequest({ headers }))).toMatchObject({ headers: { 'x-auth-token': 'ada:engines', 'x-server-management-url': 'http://api.example/engines' } })
})

test('an API without projects in its URLs is told so', async () => {
  const app = await makeLinted(noAuthWithoutProject, {}, tellContext)
  expect(app(makeRequest({ rawPathInfo: '/v2.1/' }))).toMatchObject({ headers: { 'x-server-management-url': 'http://api.example/v2.1' } })
})

test.each([
  ['ada:engines', { userId: 'ada', projectId: 'engines', isAdmin: false }],
  ['ada', { userId: 'ada', projectId: 'ada', isAdmin: false }],
  ['ada:', { userId: 'ada', projectId: 'ada' }],
  ['admin:a:b', { userId: 'admin', projectId: 'a:b', isAdmin: true, roles: ['admin'] }],
])('the token %s is believed', async (token, context) => {
  const app = await makeLinted(noAuth, {}, tellContext)
  const headers = { 'x-auth-token': token, 'x-roles': 'admin', 'x-user-name': 'root' }
  expect(app(makeRequest({ headers }))).toMatchObject({ body: { 'nova.context': { ...context, userName: null } } })
})

test.each([noAuth, noAuthWithoutProject])('it has no options', (factory) => {
  expect(() => factory({}, { a: 'b' })).toThrow('there is no such option')
})
