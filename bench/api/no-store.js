/**
 * A filter written as most are: it awaits the reply and adds a field.
 *
 * @type {import('../../dist/index.js').FilterFactory}
 */
export function factory() {
  return (next) => async (request) => {
    const reply = await next(request)
    const headers = (reply.headers ??= {})
    headers['cache-control'] = 'no-store'
    return reply
  }
}
