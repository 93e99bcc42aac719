// Says on standard error whether it takes itself for a daemon: standard output is what it is asked about.
import { writeSync } from 'node:fs'
import { isDaemon } from '../../dist/service/daemon.js'

writeSync(2, `${isDaemon() ? 'daemon' : 'foreground'}\n`)
