import { HttpError, Router } from 'millrace'

/** @typedef {import('millrace').HttpRequest} HttpRequest */

const TREE = {
  'meta-data': {
    'ami-id': 'ami-00000001',
    hostname: 'sample.novalocal',
    'instance-id': 'i-00000001',
    'instance-type': 'm1.tiny',
    'local-ipv4': (/** @type {HttpRequest} */ request) => request.client.address,
    placement: { 'availability-zone': 'nova' },
  },
  'user-data': '#!/bin/sh\necho hello\n',
}

/** Every version has the same tree here; listed at `/`. */
const VERSIONS = { '1.0': TREE, '2009-04-04': TREE, latest: TREE }

/**
 * What an instance may ask about itself: texts in folders, as EC2's metadata service has them. `/` lists the versions,
 * `/latest/meta-data/` the names below it, `/latest/meta-data/hostname` is a text.
 *
 * @type {import('millrace').AppFactory}
 */
export function factory() {
  return new Router().get('/*', read).app
}

/** @param {HttpRequest} request */
function read(request) {
  const names = request.params['*'].split('/').filter(Boolean)
  const found = names.reduce(enter, VERSIONS)
  if (typeof found === 'object') return text(listNames(found))
  return text(typeof found === 'function' ? found(request) : found)
}

function enter(folder, name) {
  if (typeof folder !== 'object' || !Object.hasOwn(folder, name)) throw new HttpError(404, 'There is no such metadata.')
  return folder[name]
}

/** A name with a slash has more below it. */
function listNames(folder) {
  return Object.entries(folder).map(([name, value]) => (typeof value === 'object' ? `${name}/` : name)).join('\n')
}

/** @param {string} body */
function text(body) {
  return { headers: { 'content-type': 'text/plain; charset=utf-8' }, body }
}
