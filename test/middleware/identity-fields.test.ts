import { expect, test } from 'vitest'
import { dropIdentity } from '../../src/middleware/identity-fields.ts'

test.each([
  'X-User-Id', 'X-User-Name', 'X-User-Domain-Id', 'X-User-Domain-Name', 'X-Project-Id', 'X-Project-Name', 'X-Project-Domain-Id', 'X-Project-Domain-Name',
  'X-Domain-Id', 'X-Domain-Name', 'X-Roles', 'X-Identity-Status', 'X-System-Scope', 'X-Service-User-Id', 'X-Service-Roles', 'X-Service-Identity-Status',
  'X-Service-Catalog', 'X-Is-Admin-Project', 'X-User', 'X-Role', 'X-Tenant', 'X-Tenant-Id', 'X-Tenant-Name', 'OpenStack-System-Scope',
])('%s is no word of the client, in neither spelling nor a mixed one', (name) => {
  const headers = new Headers({ accept: 'a', [name]: '1', [name.replaceAll('-', '_')]: '2', [name.replace('-', '_')]: '3', [name.toUpperCase()]: '4' })
  dropIdentity(headers)
  expect([...headers]).toEqual([['accept', 'a']])
})

test('what says nothing of who asks stays', () => {
  const fields: [string, string][] = [['x-auth-token', 't'], ['x-service-token', 's'], ['x-users', 'u'], ['user_agent', 'a']]
  const headers = new Headers(fields)
  dropIdentity(headers)
  expect(new Map(headers)).toEqual(new Map(fields))
})
