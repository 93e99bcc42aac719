import { describe, expect, onTestFinished, test as plain } from 'vitest'
import { HAS_PROCFS } from '../../support/procfs.ts'
import { RawClient } from '../../support/raw-client.ts'
import { readReplies, serve, turn } from '../../support/server-harness.ts'
import { Bystander, test } from '../../support/swarm.ts'
import { Victim } from './victim.ts'

const OCTET = Buffer.from('x')

/** How many octets `Buffer.concat`, the one way the server joins pieces, has copied; till the test's end. */
function countCopied(): () => number {
  const { concat } = Buffer
  let copied = 0
  Buffer.concat = (...args) => {
    const whole = concat(...args)
    copied += whole.length
    return whole
  }
  onTestFinished(() => void (Buffer.concat = concat))
  return () => copied
}

interface Framing {
  readonly how: string
  readonly field: (length: number) => string
  /** The segments for each octet of the body, and what comes at its end. */
  readonly piece: readonly Buffer[]
  readonly end: string
}

const FRAMINGS: readonly Framing[] = [
  { how: 'with its length', field: (length) => `Content-Length: ${length}`, piece: [OCTET], end: '' },
  { how: 'in chunks of one octet', field: () => 'Transfer-Encoding: chunked', piece: Array.from('1\r\nx\r\n', (octet) => Buffer.from(octet)), end: '0\r\n\r\n' },
]

plain.for(FRAMINGS)('1,048,576 segments of one octet, a body $how: nothing is copied more than three times on its way to the app', async ({ field, piece, end }) => {
  const copied = countCopied()
  const length = Math.floor(1_048_576 / piece.length)
  const client = serve((request) => request.bytes().then((body) => ({ body: String(body.length) }))).connect()
  client.send(`POST / HTTP/1.1\r\nHost: a\r\n${field(length)}\r\n\r\n`)
  for (let sent = 0; sent < length; sent++) {
    for (const segment of piece) client.send(segment)
    // Now and then the app has its turn before more comes; a turn for each octet would take a minute.
    if (sent % 64 === 0) await turn()
  }
  client.send(end)
  while (client.received === '') await turn()
  expect(readReplies(client.received)).toMatchObject([{ status: 200, body: String(length) }])
  expect(copied()).toBeLessThanOrEqual(3 * length)
})

describe.skipIf(!HAS_PROCFS)('over a socket (needs /proc)', () => {
  test('32 KB in 32,768 segments from each of 4 clients come whole, and the process rests behind them', async ({ makeSite }) => {
    const victim = await Victim.serve(makeSite)
    const bystander = await Bystander.arrive(victim.port)
    const clients = await Promise.all(Array.from({ length: 4 }, () => RawClient.connect(victim.port)))
    for (const client of clients) {
      client.write('POST /read HTTP/1.1\r\nHost: a\r\nContent-Length: 32768\r\n\r\n')
      for (let sent = 0; sent < 32_768; sent++) client.write(OCTET)
    }
    const answers = await Promise.all(clients.map((client) => client.response()))
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200])
    expect(await victim.seen()).toMatchObject({ whole: 4, octets: 4 * 32_768 })
    expect(await victim.busy()).toBeLessThan(0.5)
    for (const client of clients) client.close()
    expect(Object.keys(await bystander.leave())).toEqual(['200'])
  })
})
