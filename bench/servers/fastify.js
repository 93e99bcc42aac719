import { app } from '../api/fastify.js'
import { reportPortOf } from '../lib/report.js'

await app.listen({ host: '127.0.0.1', port: 0 })
reportPortOf(app.server)
