import { fileURLToPath } from 'node:url'
import { serve } from '../../dist/cli/serve.js'
import { subscribe } from '../../dist/index.js'
import { report, serving } from '../lib/report.js'

/** `millrace serve --workers 0` of millrace.conf beside this folder. */
subscribe('ready', ({ apis: [api] }) => report(api?.port ?? 0))

const { key, cert, log = false, sets = [] } = serving
const tls = key === undefined ? [] : ['DEFAULT.enabled_ssl_apis=bench', `wsgi.ssl_key_file=${key}`, `wsgi.ssl_cert_file=${cert}`]
const files = [fileURLToPath(new URL('../millrace.conf', import.meta.url))]
process.exit(await serve({ files, dirs: [], sets: [...tls, `wsgi.access_log=${log}`, ...sets], workers: 0 }))
