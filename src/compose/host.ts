import type { HttpRequest } from '../app.ts'

/** The ports that need not be named (RFC 9110 §4.2). */
export const DEFAULT_PORTS: Readonly<Record<string, string>> = { http: '80', https: '443' }

/**
 * The request's host without its port; an IPv6 address keeps its brackets. Who sends no Host (HTTP/1.0) asks for the address it connected to:
 * WSGI's SERVER_NAME.
 */
export function hostName({ host, server: { address } }: HttpRequest): string {
  if (host !== '') return host.replace(/:\d*$/, '')
  return address.includes(':') ? `[${address}]` : address
}

/** The port that the host names, or else the scheme's own. */
export function hostPort({ host, scheme }: HttpRequest): string | undefined {
  return /:(\d+)$/.exec(host)?.[1] ?? DEFAULT_PORTS[scheme]
}
