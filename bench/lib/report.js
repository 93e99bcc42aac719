/** The server's side of the protocol with the script that started it. */

/**
 * How a server is to serve, as the script gives it.
 *
 * @typedef {object} Serving
 * @property {'show' | 'create' | 'receive' | 'buffer' | 'stream' | 'text'} does for servers that have no routes
 * @property {boolean} [tls]
 * @property {boolean} [log] with an access log
 * @property {string} [reply] what the canned server says
 * @property {readonly string[]} [sets] what Millrace's `--set` takes
 */

/** What the script may ask for. @type {Readonly<Record<string, () => void>>} */
const QUESTIONS = {
  cpu: () => send(process.cpuUsage()),
  memory: () => void memoryInUse().then(send),
}

/** @type {Serving & { key?: string, cert?: string }} */
export const serving = JSON.parse(process.argv[2] ?? '{}')

/**
 * Says `{ port }`, and answers what is asked from then on. The server ends when the script has gone.
 *
 * @param {number} port
 */
export function report(port) {
  process.on('message', (question) => QUESTIONS[/** @type {string} */ (question)]?.())
  process.on('disconnect', () => process.exit())
  send({ port })
}

/** For a server that cannot run here. @param {string} reason of node's, with what concerns this machine only at its end */
export function reportMissing(reason) {
  send({ missing: reason.split(/\n| imported from /, 1)[0] })
}

/** @param {object} message */
function send(message) {
  if (process.send === undefined) throw new Error('this server is started by bench.js, not by hand')
  process.send(message)
}

/** Octets in use once what nobody needs is gone. What finalizers let go is there for the next collection only. */
async function memoryInUse() {
  if (globalThis.gc === undefined) throw new Error('started without --expose-gc')
  for (let pass = 0; pass < 4; pass += 1) {
    globalThis.gc()
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  return process.memoryUsage()
}

/**
 * Listens on any free port of this machine, and says so.
 *
 * @param {import('node:net').Server} server
 */
export function listen(server) {
  server.listen(0, '127.0.0.1', () => reportPortOf(server))
}

/** @param {import('node:net').Server} server */
export function reportPortOf(server) {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error(`not on a TCP port: ${address}`)
  report(address.port)
}
