import { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { HttpRequest } from '../../app.ts'
import { urlBelowMount, wholeUrl } from '../mounted-handler.ts'
import type { StandInSocket } from './stand-in-socket.ts'

/** What Express and Connect have on a request below a mount point, and take over when it is there. */
interface Mounted {
  baseUrl?: string
  originalUrl?: string
}

/** How node:http's parser gives a message its fields: `headers` and the like are made of them when they are asked for. */
interface Internals {
  _addHeaderLines(lines: string[], count: number): void
}

/** The request as node:http has it; its body is still to be pushed. Names of fields are in lower case, also in `rawHeaders`. */
export function makeNodeRequest(request: HttpRequest, socket: StandInSocket, stripsMount: boolean): IncomingMessage {
  const req = new IncomingMessage(socket as unknown as Socket)
  req.method = request.method
  req.url = stripsMount ? urlBelowMount(request) : wholeUrl(request)
  req.httpVersion = request.httpVersion
  req.httpVersionMajor = 1
  req.httpVersionMinor = request.httpVersion === '1.0' ? 0 : 1
  if (stripsMount && request.rawScriptName !== '') tellMount(req, request)
  copyFields(req, request)
  return req
}

function tellMount(req: IncomingMessage & Mounted, request: HttpRequest): void {
  req.baseUrl = request.rawScriptName
  req.originalUrl = request.target.startsWith('/') ? request.target : wholeUrl(request)
}

/** An absolute target's authority overrides Host (RFC 9112 §3.2.2), and so does a filter that trusts its proxy. */
function copyFields(req: IncomingMessage, request: HttpRequest): void {
  const { host } = request
  const lines: string[] = []
  for (const [name, value] of request.headers) lines.push(name, name === 'host' && host !== '' ? host : value)
  ;(req as unknown as Internals)._addHeaderLines(lines, lines.length)
}
