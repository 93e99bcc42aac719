import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { Missing } from './missing.js'
import { scratch } from './scratch.js'

/** @type {{ key: string, cert: string } | undefined} */
let made

/** A key and a certificate of its own for this run. Throws Missing where there is no openssl. */
export function certificate() {
  return (made ??= make())
}

function make() {
  const key = join(scratch, 'key.pem')
  const cert = join(scratch, 'cert.pem')
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-subj', '/CN=localhost', '-days', '1']
  const { error, status, stderr } = spawnSync('openssl', ['req', '-x509', ...kind, '-keyout', key, '-out', cert], { encoding: 'utf8' })
  if (error !== undefined) throw new Missing('openssl, which makes the certificate, is not installed')
  if (status !== 0) throw new Error(stderr)
  return { key, cert }
}
