import type { App } from '../../app.ts'
import { HttpError } from '../../errors.ts'

/** The app for what is nowhere: a 404 that does not tell what is mounted, as Paste's does. */
export function refuse(): never {
  throw new HttpError(404, 'The resource could not be found.')
}

/** What a URL map does when no mount matches. `OPTIONS *` asks about the server, not about a resource (RFC 9110 §9.3.7). */
export function missMount(notFound: App = refuse): App {
  return (request) => (request.rawPathInfo === '*' ? { status: 204 } : notFound(request))
}
