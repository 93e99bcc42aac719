import { createServer } from 'node:net'
import { listen, serving } from '../lib/report.js'

/** The floor for any server on node's sockets: whatever comes, Millrace's reply goes back, in one latin1 write. */
const reply = serving.reply ?? ''

listen(
  createServer({ noDelay: true }, (socket) => {
    socket.on('data', () => socket.write(reply, 'latin1'))
    socket.on('error', () => socket.destroy())
  }),
)
