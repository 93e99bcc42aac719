import { expect, it } from 'vitest'
import { ConfigError } from '../src/errors.ts'
import { maskSecret } from '../src/secrets.ts'

it.each([
  ['admin_password', 'hunter2'], ['memcache_secret_key', 's'], ['admin_token', 't'], ['authtoken', 't'], ['api_key', 'k'], ['apikey', 'k'],
  ['hmac_keys', 'k, l'], ['client_secret', 's'], ['application_credential_id', 'c'], ['Passwd', 'p'], ['db_pwd', 'p'],
  ['memcache_secret_key', '/Vx83kd+9fQ=='], ['admin_password', '/S3cret'], ['key', 'k'],
])('%s is masked', (name, value) => expect(maskSecret(name, value)).toBe('***'))

it.each([
  ['ssl_key_file', '/etc/ssl/key.pem'], ['key', './server.key'], ['password', ''], ['token_ttl', '300'], ['keepalive', '5'], ['/secrets', 'vault'],
  ['password_file', '/etc/pw'], ['tcp_keepidle', '120'], ['monkey', 'see'], ['max_keys', '10000'],
])('%s = %j is shown', (name, value) => expect(maskSecret(name, value)).toBe(value))

it('a password in a URL is masked wherever it stands', () => {
  expect(maskSecret('connection', 'mysql://nova:s3cret@db/nova, amqp://a:b@c')).toBe('mysql://nova:***@db/nova, amqp://a:***@c')
})

it.each([
  ['with an @ in it', 'mysql+pymysql://nova:p@ss:w0rd@db/nova?charset=utf8', 'mysql+pymysql://nova:***@db/nova?charset=utf8'],
  ['of each host', 'rabbit://nova:s3cret@mq1:5672,nova:s3cret@mq2:5672/vhost', 'rabbit://nova:***@mq2:5672/vhost'],
  ['of a user without a name', 'redis://:s3cret@cache', 'redis://:***@cache'],
])('a password %s is masked whole', (_what, value, shown) => expect(maskSecret('url', value)).toBe(shown))

it('a port is no password', () => expect(maskSecret('url', 'http://a:80/@b, http://c:81/ user@d')).toBe('http://a:80/@b, http://c:81/ user@d'))

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
