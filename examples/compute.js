import { randomUUID } from 'node:crypto'
import { asCount, HttpError, readOptions, Router } from 'millrace'

/** @typedef {import('millrace').HttpRequest} HttpRequest */
/** @typedef {import('millrace').HttpReply} HttpReply */
/** @typedef {{ id: string, name: string, status: string, flavor: { id: string }, created: string, updated: string }} Server */

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

/**
 * A REST API in the manner of nova's. Servers live in this process's memory: with two workers there are two sets of them, and a
 * server made by one is a 404 at the other. A real API keeps them in a database. `max_servers` bounds that memory.
 *
 * @type {import('millrace').AppFactory}
 */
export function factory(_globalConf, localConf) {
  const { max_servers: most } = readOptions(localConf, { max_servers: [asCount, 1000] })
  return new Router()
    .get('/', () => ({ body: { version: { id: 'v2.1', status: 'CURRENT' } } }))
    .resource('servers', new Servers(most), { collection: { detail: 'GET' }, member: { action: 'POST' } })
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

  /** @param {number} most */
  constructor(most) {
    this.#most = most
  }

  /** GET /servers */
  index() {
    return { body: { servers: [...this.#servers.values()].map(({ id, name }) => ({ id, name })) } }
  }

  /** GET /servers/detail */
  detail() {
    return { body: { servers: [...this.#servers.values()] } }
  }

  /** POST /servers @param {HttpRequest} request */
  async create(request) {
    const { name, flavorRef = '1' } = await readObject(request, 'server')
    checkName(name)
    if (this.#servers.size >= this.#most) throw new HttpError(403, 'Quota exceeded for instances.')
    const id = randomUUID()
    const created = new Date().toISOString()
    const server = { id, name, status: 'ACTIVE', flavor: { id: findFlavor(String(flavorRef)).id }, created, updated: created }
    this.#servers.set(id, server)
    const location = `${request.scheme}://${request.host}${request.scriptName}/servers/${id}`
    return { status: 202, headers: { location }, body: { server } }
  }

  /** GET /servers/:id @param {HttpRequest} request */
  show(request) {
    return { body: { server: this.#find(request) } }
  }

  /** PUT or PATCH /servers/:id @param {HttpRequest} request */
  async update(request) {
    const { name } = await readObject(request, 'server')
    checkName(name)
    const server = this.#find(request)
    Object.assign(server, { name, updated: new Date().toISOString() })
    return { body: { server } }
  }

  /** DELETE /servers/:id @param {HttpRequest} request */
  delete(request) {
    this.#servers.delete(this.#find(request).id)
    return { status: 204 }
  }

  /** POST /servers/:id/action with `{"os-stop": null}` and the like @param {HttpRequest} request */
  async action(request) {
    const [name = ''] = Object.keys(await readJson(request))
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

/** @param {string} id */
function findFlavor(id) {
  const flavor = FLAVORS.find((each) => each.id === id)
  if (flavor === undefined) throw new HttpError(404, `Flavor ${id} could not be found.`)
  return flavor
}

/** @param {unknown} name */
function checkName(name) {
  if (typeof name !== 'string' || name === '' || name.length > 255) throw new HttpError(400, 'A name is a string of 1 to 255 characters.')
}

/** @param {HttpRequest} request @param {string} key */
async function readObject(request, key) {
  const { [key]: value } = await readJson(request)
  if (typeof value !== 'object' || value === null) throw new HttpError(400, `The body has no object "${key}".`)
  return value
}

/** @param {HttpRequest} request */
async function readJson(request) {
  const value = await request.json()
  if (typeof value !== 'object' || value === null) throw new HttpError(400, 'The body is not a JSON object.')
  return value
}
