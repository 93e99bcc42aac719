import { fileURLToPath } from 'node:url'
import { writeScratch } from './scratch.js'

const API = fileURLToPath(new URL('../api/', import.meta.url))

/**
 * As api-paste.ini, with more of something: routes in the app, mounts in the URL map, async filters in the pipeline. Returns what `--set`
 * needs to serve it.
 *
 * @param {{ routes?: number, mounts?: number, filters?: number }} counts
 */
export function pasteFile({ routes = 0, mounts = 0, filters = 1 }) {
  const text = `[composite:bench]
use = egg:Paste#urlmap
${Array.from({ length: mounts }, (_, mount) => `/mount-${mount}: servers\n`).join('')}/v2.1: servers

[pipeline:servers]
pipeline = ${'no_store '.repeat(filters)}servers_app

[filter:no_store]
paste.filter_factory = ${API}no-store.js:factory

[app:servers_app]
paste.app_factory = ${API}servers.js:factory
routes = ${routes}
`
  return [`wsgi.api_paste_config=${writeScratch(`${routes}-${mounts}-${filters}.ini`, text)}`]
}

/**
 * An app of another framework at the root of a URL map. Returns what `--set` needs to serve it.
 *
 * @param {'fetch' | 'node'} factory
 * @param {string} handler in api/
 */
export function mountingFile(factory, handler) {
  const text = `[composite:bench]
use = egg:Paste#urlmap
/: framework

[app:framework]
use = egg:millrace#${factory}
handler = ${API}${handler}
`
  return [`wsgi.api_paste_config=${writeScratch(`${factory}-${handler.replace(/\W/g, '-')}.ini`, text)}`]
}
