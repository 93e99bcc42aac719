/** One line on a terminal that says how far a run is; elsewhere a line for each thing begun. */
export class Progress {
  #last = ''

  /** @param {string} text */
  show(text) {
    if (process.stderr.isTTY) {
      process.stderr.write(`\r\x1b[K${text}`)
      return
    }
    const [begun = ''] = text.split(':', 1)
    if (begun !== this.#last) process.stderr.write(`${begun}\n`)
    this.#last = begun
  }

  clear() {
    if (process.stderr.isTTY) process.stderr.write('\r\x1b[K')
  }
}
