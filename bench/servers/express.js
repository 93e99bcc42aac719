import { createServer } from 'node:http'
import { app } from '../api/express.js'
import { listen } from '../lib/report.js'

listen(createServer({ keepAliveTimeout: 75_000 }, app))
