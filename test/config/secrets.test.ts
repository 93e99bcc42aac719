import { expect, it } from 'vitest'
import { maskSecret } from '../../src/config/secrets.ts'

it.each([
  ['admin_password', 'hunter2'], ['memcache_secret_key', 's'], ['admin_token', 't'], ['authtoken', 't'], ['api_key', 'k'], ['apikey', 'k'],
  ['hmac_keys', 'k, l'], ['client_secret', 's'], ['application_credential_id', 'c'], ['Passwd', 'p'], ['key', 'k'],
])('%s is masked', (name, value) => expect(maskSecret(name, value)).toBe('***'))

it.each([
  ['ssl_key_file', '/etc/ssl/key.pem'], ['key', './server.key'], ['password', ''], ['token_ttl', '300'], ['keepalive', '5'], ['/secrets', 'vault'],
  ['tcp_keepidle', '120'], ['monkey', 'see'],
])('%s = %j is shown', (name, value) => expect(maskSecret(name, value)).toBe(value))

it('a password in a URL is masked wherever it stands', () => {
  expect(maskSecret('connection', 'mysql://nova:s3cret@db/nova, amqp://a:b@c')).toBe('mysql://nova:***@db/nova, amqp://a:***@c')
})
