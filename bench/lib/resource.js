/** What every server is asked for. */
export const ID = '42'
export const TARGET = `/v2.1/servers/${ID}`

/** What a small HTTP client sends beside Host: curl's fields. */
export const HEADERS = { 'User-Agent': 'bench/1.0', Accept: '*/*' }

/**
 * What every server answers with, as JSON.
 *
 * @param {string} id
 */
export function showServer(id) {
  return { server: { id, name: 'web-1', status: 'ACTIVE', flavor: { id: '1' } } }
}
