import { fileURLToPath } from 'node:url'
import { serve } from '../../dist/cli/serve.js'
import { subscribe } from '../../dist/index.js'
import { report } from '../lib/report.js'

/** `millrace serve --workers 0` of millrace.conf beside this folder. Arguments are as for `--set`. */
subscribe('ready', ({ apis: [api] }) => report(api?.port ?? 0))

const files = [fileURLToPath(new URL('../millrace.conf', import.meta.url))]
process.exit(await serve({ files, dirs: [], sets: process.argv.slice(2), workers: 0 }))
