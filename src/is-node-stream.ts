import type { Readable } from 'node:stream'

/** A stream of Node's, or of its copy `readable-stream`. */
export function isNodeStream(body: object): body is Readable {
  return 'on' in body && 'pause' in body && 'resume' in body && 'destroy' in body
}
