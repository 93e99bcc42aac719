import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Certificates are made by the program openssl; tests that need them are skipped without it. */
export const HAS_OPENSSL: boolean = spawnSync('openssl', ['version']).status === 0

const EC = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']

/** A directory with certificates that sign themselves, `<name>.pem`, and their keys, `<name>.key`. */
export class Certificates {
  readonly dir: string = mkdtempSync(join(tmpdir(), 'millrace-pem-'))

  constructor(...names: string[]) {
    for (const name of names) this.#run('req', '-x509', ...EC, '-days', '2', '-subj', `/CN=${name}`, '-keyout', `${name}.key`, '-out', `${name}.pem`)
  }

  path(name: string): string {
    return join(this.dir, name)
  }

  /** Writes a copy of a key that a passphrase protects. */
  encrypt(name: string, to: string): void {
    this.#run('ec', '-in', name, '-aes256', '-passout', 'pass:secret', '-out', to)
  }

  /** Makes one whose key is too short for anybody. */
  makeWeak(name: string): void {
    this.#run('req', '-x509', '-newkey', 'rsa:512', '-nodes', '-days', '2', '-subj', `/CN=${name}`, '-keyout', `${name}.key`, '-out', `${name}.pem`)
  }

  dispose(): void {
    rmSync(this.dir, { recursive: true })
  }

  #run(...args: string[]): void {
    execFileSync('openssl', args, { cwd: this.dir, stdio: 'ignore' })
  }
}
