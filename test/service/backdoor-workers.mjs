// Two workers of node:cluster, each with a backdoor of its own; a line for each tells its process id and where it is. Ends with its input.
import cluster from 'node:cluster'
import { startBackdoor } from '../../dist/service/backdoor.js'

if (cluster.isPrimary) {
  cluster.setupPrimary({ serialization: 'json' })
  for (let count = 0; count < 2; count++) cluster.fork().on('message', (told) => process.stdout.write(`${JSON.stringify(told)}\n`))
  process.stdin.resume().on('end', () => cluster.disconnect())
} else {
  const [backdoor_socket = null, backdoor_port = null] = JSON.parse(process.argv[2])
  const backdoor = await startBackdoor({ backdoor_socket, backdoor_port })
  process.send({ pid: process.pid, port: backdoor.port })
  process.on('disconnect', () => void backdoor.close())
}
