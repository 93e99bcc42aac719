import { inspect } from 'node:util'
import type { HttpRequest } from '../../app.ts'
import { isToken } from '../../is-token.ts'
import { checkRules, type Rule } from './contract-error.ts'

/** WSGI's rules for environ (PEP 3333), in the terms of this contract. */
const RULES: readonly Rule<[HttpRequest]>[] = [
  ({ method }) => (isText(method) && isToken(method) ? undefined : `method is ${inspect(method)}, which is no token (RFC 9110 §9.1)`),
  ({ rawScriptName: path }) => {
    if (path === '' || (isText(path) && /^\/.*[^/]$/s.test(path))) return undefined
    return `rawScriptName is ${inspect(path)}; it is empty, or starts with / and does not end with it`
  },
  ({ rawPathInfo: path }) => {
    if (path === '' || path === '*' || (isText(path) && path.startsWith('/'))) return undefined
    return `rawPathInfo is ${inspect(path)}; it is empty, "*" or starts with /`
  },
  ({ queryString }) => (isText(queryString) && !queryString.startsWith('?') ? undefined : `queryString is ${inspect(queryString)}; it has no ?`),
  ({ scheme }) => (scheme === 'http' || scheme === 'https' ? undefined : `scheme is ${inspect(scheme)}, neither http nor https`),
  ({ host }) => (isText(host) && !/[\s/]/.test(host) ? undefined : `host is ${inspect(host)}, which is no host`),
  ({ id }) => (isText(id) && id !== '' ? undefined : `id is ${inspect(id)}, which is no id`),
  ({ client }) => {
    if (isText(client.address) && Number.isInteger(client.port)) return undefined
    return `client is ${inspect(client)}; it has an address, which is a string, and a port, which is a number`
  },
  ({ params }) => {
    const wrong = Object.entries(params).find(([, value]) => !isText(value))
    return wrong === undefined ? undefined : `params.${wrong[0]} is ${inspect(wrong[1])}, not a string`
  },
  ({ headers }) => (typeof headers.get === 'function' && typeof headers.set === 'function' ? undefined : 'headers cannot be read as Headers'),
  ({ environ }) => (typeof environ === 'object' && environ !== null ? undefined : `environ is ${inspect(environ)}, not an object`),
]

/** Throws ContractError when what a filter passes on is no request any more. */
export function checkRequest(request: HttpRequest): void {
  checkRules('request', RULES, request)
}

/** Filters are JavaScript: a type says what they should have set. */
function isText(value: unknown): value is string {
  return typeof value === 'string'
}
