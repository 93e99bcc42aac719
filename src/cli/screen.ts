/** Where something is shown again and again. */
export interface Screen {
  draw(text: string): void
  /** May be called again. */
  close(): void
}

/** What it takes of a terminal, or of a file or pipe in its place. */
export interface Output {
  readonly isTTY?: boolean
  readonly rows?: number
  readonly columns?: number
  write(text: string): unknown
  on(event: 'error', listener: () => void): unknown
}

export function openScreen(output: Output): Screen {
  return output.isTTY === true ? new TerminalScreen(output) : new PlainScreen(output)
}

/** One text below the other. */
class PlainScreen implements Screen {
  readonly #output: Output

  constructor(output: Output) {
    this.#output = output
  }

  draw(text: string): void {
    this.#output.write(`${text}\n\n`)
  }

  close(): void {}
}

/** xterm's alternate screen (DECSET 1049), without a cursor (25): what was on the terminal before is there again afterwards. */
const ENTER = '\u001B[?1049h\u001B[?25l'
const LEAVE = '\u001B[?25h\u001B[?1049l'
const HOME = '\u001B[H'
const TO_END_OF_LINE = '\u001B[K'
const TO_END_OF_SCREEN = '\u001B[J'

/** Drawn over, not cleared, so that it does not flicker. What does not fit is not shown. */
class TerminalScreen implements Screen {
  readonly #output: Output
  #state: 'OPEN' | 'CLOSED' = 'OPEN'

  constructor(output: Output) {
    this.#output = output
    output.write(ENTER)
  }

  draw(text: string): void {
    const [rows, columns] = [known(this.#output.rows, 24), known(this.#output.columns, 80)]
    const lines = text.split('\n').slice(0, rows).map((line) => `${line.slice(0, columns)}${TO_END_OF_LINE}`)
    this.#output.write(`${HOME}${lines.join('\r\n')}${TO_END_OF_SCREEN}`)
  }

  close(): void {
    if (this.#state === 'CLOSED') return
    this.#state = 'CLOSED'
    this.#output.write(LEAVE)
  }
}

/** A terminal nobody gave a size has 0 rows. */
function known(size: number | undefined, otherwise: number): number {
  return size === undefined || size === 0 ? otherwise : size
}
