import type { CompositeFactory, Conf } from '../app.ts'
import { importHandler, refuseHandler } from './mounted-handler.ts'
import { NodeExchange, type NodeHandler } from './node-app/node-exchange.ts'

/** What an instance of one framework has. */
interface Framework {
  callback?: () => NodeHandler
  ready?: () => Promise<unknown>
  routing?: NodeHandler
}

/**
 * An app that was written for node:http: a listener `(req, res)`, which an Express app is, a Connect app, and Koa's `app.callback()`; or the
 * instance of Koa, or that of Fastify, whose plugins are loaded first.
 *
 * `handler` (needed): `module:export` that names it, relative to the file. `strip_mount` (`true`): `req.url` begins below the mount point, and
 * `req.baseUrl` and `req.originalUrl` tell it, as below an Express app's own; `false`: `req.url` is the whole.
 *
 * `req` and `res` are node:http's own, over a socket that stands for the connection: it cannot be upgraded or written to, and deadlines are
 * the server's alone. Interim replies and trailers of the handler are not sent.
 *
 * ```ini
 * [app:express]
 * use = egg:millrace#node
 * handler = ./express.js:app
 * ```
 */
export const nodeFactory: CompositeFactory = async (loader, _globalConf, localConf) => {
  const { exported, stripsMount } = await importHandler(loader, localConf)
  const handler = await handlerOf(exported, localConf)
  return (request) => new NodeExchange(request, stripsMount).answer(handler)
}

async function handlerOf(exported: unknown, localConf: Conf): Promise<NodeHandler> {
  if (typeof exported === 'function') return exported as NodeHandler
  const framework = Object(exported) as Framework
  if (typeof framework.callback === 'function') return framework.callback()
  if (typeof framework.ready !== 'function' || typeof framework.routing !== 'function') {
    return refuseHandler(localConf, exported, 'a function of req and res, or an app of Express, Koa or Fastify')
  }
  await framework.ready()
  return framework.routing
}
