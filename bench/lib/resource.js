/** What the servers are asked for, and answer. */
import { Readable } from 'node:stream'

export const ID = '42'

/** @param {string} id */
export function showServer(id) {
  return { server: { id, name: 'web-1', status: 'ACTIVE', flavor: { id: '1' } } }
}

/** What is posted: a document of 1 KB, as compact as clients send it. */
export const NEW_SERVER = JSON.stringify({ server: { name: 'web-2', flavorRef: '1', imageRef: 'f90f6034', user_data: 'x'.repeat(944) } })

/** The answer has something of the document, so that nobody can do without parsing it. @param {any} document */
export function createServer({ server }) {
  return { server: { id: '43', name: server.name, status: 'BUILD', flavor: { id: server.flavorRef } } }
}

export const MEGABYTE = Buffer.alloc(2 ** 20, 'x')

/** @param {number} octets how many came */
export function received(octets) {
  return { octets }
}

const PIECE = Buffer.alloc(65_536, 'x')
export const STREAM_PIECES = 1600
export const STREAM_OCTETS = STREAM_PIECES * PIECE.length

/** As many pieces as a file of 100 MB is read in; made at no cost of its own. */
export function makeStream(pieces = STREAM_PIECES) {
  let left = pieces
  return new Readable({
    read() {
      left -= 1
      this.push(left < 0 ? null : PIECE)
    },
  })
}

export const TEXT = 'x'.repeat(1024)
