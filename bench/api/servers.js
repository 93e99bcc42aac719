import { Router } from '../../dist/index.js'
import { createServer, makeStream, MEGABYTE, received, showServer, TEXT } from '../lib/resource.js'

/**
 * `routes = N` in the section adds that many.
 *
 * @type {import('../../dist/index.js').AppFactory}
 */
export function factory(_globalConf, { routes = '0' }) {
  const router = new Router()
    .get('/servers', () => ({ body: { servers: [] } }))
    .get('/servers/:id', show)
    .post('/servers', async (request) => ({ body: createServer(await request.json()) }))
    .put('/images/:id/file', async ({ body }) => ({ body: received(await countOctets(body)) }))
    .get('/images/:id/file', () => ({ body: MEGABYTE }))
    .get('/images/:id/stream', ({ queryString }) => ({ body: makeStream(queryString === '' ? undefined : Number(queryString)) }))
    .get('/about', () => ({ body: TEXT }))
  for (let route = 0; route < Number(routes); route += 1) router.get(`/servers-${route}/:id`, show)
  return router.app
}

/** @type {import('../../dist/index.js').App} */
function show({ params }) {
  return { body: showServer(params.id ?? '') }
}

/** @param {ReadableStream<Uint8Array> | null} body */
async function countOctets(body) {
  let octets = 0
  for await (const piece of body ?? []) octets += piece.length
  return octets
}
