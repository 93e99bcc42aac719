import { Router } from '../../dist/index.js'
import { showServer } from '../lib/resource.js'

/** @type {import('../../dist/index.js').AppFactory} */
export function factory() {
  return new Router()
    .get('/servers', () => ({ body: { servers: [] } }))
    .get('/servers/:id', ({ params }) => ({ body: showServer(params.id ?? '') })).app
}
