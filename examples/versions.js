import { Router } from 'millrace'

/**
 * The list of API versions, as it stands at the root of OpenStack's APIs.
 *
 * @type {import('millrace').AppFactory}
 */
export function factory() {
  return new Router().get('/', list).app
}

/** @param {import('millrace').HttpRequest} request */
function list({ scheme, host }) {
  const self = { rel: 'self', href: `${scheme}://${host}/v2.1/` }
  return { body: { versions: [{ id: 'v2.1', status: 'CURRENT', links: [self] }] } }
}
