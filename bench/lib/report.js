/**
 * The server's side of the protocol with the script that started it: it says `{ port }` once it listens, and answers any message with its
 * own CPU time in microseconds, all threads together. It ends when the script has gone.
 *
 * @param {number} port
 */
export function report(port) {
  process.on('message', () => send(process.cpuUsage()))
  process.on('disconnect', () => process.exit())
  send({ port })
}

/** @param {object} message */
function send(message) {
  if (process.send === undefined) throw new Error('this server is started by cost.js, not by hand')
  process.send(message)
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
