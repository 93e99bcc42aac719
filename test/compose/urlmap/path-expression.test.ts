import { expect, test } from 'vitest'
import { parsePathExpression } from '../../../src/compose/urlmap/path-expression.ts'
import { ConfigError } from '../../../src/errors.ts'

test.each([
  ['/', null, '/'],
  ['/v2.1', null, '/v2.1'],
  ['domain example.org', 'example.org', '/'],
  ['domain Example.ORG /v2', 'example.org', '/v2'],
  ['/v2 domain example.org', 'example.org', '/v2'],
  ['domain example.org port 8080', 'example.org:8080', '/'],
  ['port 8080 /v2 domain example.org', 'example.org:8080', '/v2'],
  ['  domain \t example.org  ', 'example.org', '/'],
  ['domain example.org v2', 'example.org', '/v2'],
  ['domain example.org/v2 x', 'example.org', '/v2/x'],
  ['http://Example.org:8080/v2', 'example.org:8080', '/v2'],
  ['https://example.org', 'example.org', '/'],
  ['//v2//x/', null, '//v2//x/'],
])('%j is host %j and path %j', (expression, host, path) => {
  expect(parsePathExpression(expression)).toEqual({ host, path })
})

test.each([
  ['bad', "URL fragments must start with / or http:// (you gave 'bad')"],
  ['domain', "'domain' must be followed with a domain name"],
  ['domain a port', "'port' must be followed with a port number"],
  ['domain a port http', "'port' must be followed with a number (got 'http')"],
  ['domain a domain b', "'domain' given twice"],
  ['domain a port 1 port 2', "'port' given twice"],
  ['/a /b', "more than one path given (have '/a', got '/b')"],
  ['port 80 /a', 'If you give a port, you must also give a domain'],
])('%j is a ConfigError that names the key', (expression, message) => {
  const attempt = (): unknown => parsePathExpression(expression)
  expect(attempt).toThrow(ConfigError)
  expect(attempt).toThrow(message)
  expect(attempt).toThrow(`${expression}: `)
})
