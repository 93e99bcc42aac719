import { expect, it } from 'vitest'
import { ConfigError } from '../src/errors.ts'
import { maskSecret } from '../src/secrets.ts'

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

it('a ConfigError says what is wrong with a secret, not the secret', () => {
  const error = new ConfigError([
    { message: 'is not valid', option: 'admin_password', value: 'hunter2' },
    { message: 'is not valid', option: 'url', value: 'amqp://nova:hunter2@mq' },
    { message: 'is no section', value: 'nofilter' },
  ])
  expect(error.message.split('\n')).toEqual([
    'admin_password: is not valid (got "***")',
    'url: is not valid (got "amqp://nova:***@mq")',
    'is no section (got "nofilter")',
  ])
})
