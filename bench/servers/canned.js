import { createServer } from 'node:net'
import { listen } from '../lib/report.js'

/** The floor for any server on node's sockets: whatever comes, the reply given as argument goes back, in one latin1 write. */
const [, , reply = ''] = process.argv

listen(
  createServer({ noDelay: true }, (socket) => {
    socket.on('data', () => socket.write(reply, 'latin1'))
    socket.on('error', () => socket.destroy())
  }),
)
