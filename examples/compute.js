import { randomUUID } from 'node:crypto'
import { asCount, HttpError, readOptions, Router, versionOf } from 'millrace'
import { z } from 'zod'

/** @typedef {import('millrace').HttpRequest} HttpRequest */
/** @typedef {import('millrace').HttpReply} HttpReply */
/** @typedef {{ id: string, name: string, status: string, flavor: { id: string }, description: string | null, created: string, updated: string }} Server */

const FLAVORS = [
  { id: '1', name: 'm1.tiny', vcpus: 1, ram: 512, disk: 1 },
  { id: '2', name: 'm1.small', vcpus: 1, ram: 2048, disk: 20 },
  { id: '3', name: 'm1.medium', vcpus: 2, ram: 4096, disk: 40 },
]

/** What an action needs the server's status to be, and what it makes of it. */
const ACTIONS = {
  'os-start': { from: 'SHUTOFF', to: 'ACTIVE' },
  'os-stop': { from: 'ACTIVE', to: 'SHUTOFF' },
  reboot: { from: 'ACTIVE', to: 'ACTIVE' },
}

const name = z.string().min(1).max(255)
const flavorRef = z.union([z.string(), z.number()]).transform(String).default('1')
const description = z.string().max(255).nullable().default(null)

/** What the bodies of requests are like. What is not named here is left out. */
const BODIES = {
  create: z.object({ server: z.object({ name, flavorRef }).transform((server) => ({ ...server, description: null })) }),
  createDescribed: z.object({ server: z.object({ name, flavorRef, description }) }),
  update: z.object({ server: z.object({ name }) }),
  action: z.record(z.string(), z.unknown()),
}

/**
 * A REST API in the manner of nova's. Servers live in this process's memory: with two workers there are two sets of them, and a
 * server made by one is a 404 at the other. A real API keeps them in a database. `max_servers` bounds that memory.
 *
 * From version 2.19 on servers have a description: `OpenStack-API-Version: compute 2.19`.
 *
 * @type {import('millrace').AppFactory}
 */
export function factory(_globalConf, localConf) {
  const { max_servers: most } = readOptions(localConf, { max_servers: [asCount, 1000] })
  const router = new Router({ versions: { service: 'compute', min: '2.1', max: '2.19', legacyHeader: 'X-OpenStack-Nova-API-Version' } })
  const servers = new Servers(most, router)
  return router
    .get('/', () => ({ body: { version: { id: 'v2.1', status: 'CURRENT', version: '2.19', min_version: '2.1' } } }))
    .resource('servers', servers, {
      collection: { detail: 'GET' },
      member: { action: 'POST' },
      actions: {
        create: { versions: ['2.1', '2.18'], body: BODIES.create },
        update: { body: BODIES.update },
        action: { body: BODIES.action },
      },
    })
    .post('/servers', { versions: ['2.19'], body: BODIES.createDescribed }, (request, input) => servers.create(request, input))
    .resource('flavors', flavors).app
}

const flavors = {
  index: () => ({ body: { flavors: FLAVORS } }),
  /** @param {HttpRequest} request */
  show: ({ params }) => ({ body: { flavor: findFlavor(params.id) } }),
}

class Servers {
  /** @type {Map<string, Server>} */
  #servers = new Map()
  #most
  #router

  /** @param {number} most @param {Router} router */
  constructor(most, router) {
    this.#most = most
    this.#router = router
  }

  /** GET /servers */
  index() {
    return { body: { servers: [...this.#servers.values()].map(({ id, name }) => ({ id, name })) } }
  }

  /** GET /servers/detail @param {HttpRequest} request */
  detail(request) {
    return { body: { servers: [...this.#servers.values()].map((server) => view(request, server)) } }
  }

  /** POST /servers @param {HttpRequest} request @param {{ body: z.infer<typeof BODIES.createDescribed> }} input */
  create(request, { body }) {
    const { name, flavorRef, description } = body.server
    if (this.#servers.size >= this.#most) throw new HttpError(403, 'Quota exceeded for instances.')
    const id = randomUUID()
    const created = new Date().toISOString()
    const server = { id, name, status: 'ACTIVE', flavor: { id: findFlavor(flavorRef).id }, description, created, updated: created }
    this.#servers.set(id, server)
    const location = this.#router.url('servers.show', { id }, { request, absolute: true })
    return { status: 202, headers: { location }, body: { server: view(request, server) } }
  }

  /** GET /servers/:id @param {HttpRequest} request */
  show(request) {
    return { body: { server: view(request, this.#find(request)) } }
  }

  /** PUT or PATCH /servers/:id @param {HttpRequest} request @param {{ body: z.infer<typeof BODIES.update> }} input */
  update(request, { body }) {
    const server = this.#find(request)
    Object.assign(server, { name: body.server.name, updated: new Date().toISOString() })
    return { body: { server: view(request, server) } }
  }

  /** DELETE /servers/:id @param {HttpRequest} request */
  delete(request) {
    this.#servers.delete(this.#find(request).id)
    return { status: 204 }
  }

  /** POST /servers/:id/action with `{"os-stop": null}` and the like @param {HttpRequest} request @param {{ body: Record<string, unknown> }} input */
  action(request, { body }) {
    const [name = ''] = Object.keys(body)
    const server = this.#find(request)
    if (!Object.hasOwn(ACTIONS, name)) throw new HttpError(400, `There is no such action: ${name}`)
    const { from, to } = ACTIONS[name]
    if (server.status !== from) throw new HttpError(409, `Cannot '${name}' instance ${server.id} while it is ${server.status}`)
    Object.assign(server, { status: to, updated: new Date().toISOString() })
    return { status: 202 }
  }

  /** @param {HttpRequest} request */
  #find({ params }) {
    const server = this.#servers.get(params.id)
    if (server === undefined) throw new HttpError(404, `Instance ${params.id} could not be found.`)
    return server
  }
}

/** A server as the request's version knows it. @param {HttpRequest} request @param {Server} server */
function view(request, { description, ...server }) {
  return versionOf(request).atLeast('2.19') ? { ...server, description } : server
}

/** @param {string} id */
function findFlavor(id) {
  const flavor = FLAVORS.find((each) => each.id === id)
  if (flavor === undefined) throw new HttpError(404, `Flavor ${id} could not be found.`)
  return flavor
}
