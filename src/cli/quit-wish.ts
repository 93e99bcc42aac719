/** What it takes of a keyboard. */
export interface Keyboard {
  readonly isTTY?: boolean
  setRawMode?(mode: boolean): unknown
  on(event: 'data', listener: (keys: Buffer) => void): unknown
  off(event: 'data', listener: (keys: Buffer) => void): unknown
  resume(): unknown
  pause(): unknown
}

/** As the keys of a terminal that is raw come: `q`, `Q`, Ctrl-C, Ctrl-D. */
const QUIT: ReadonlySet<number> = new Set(Buffer.from('qQ\u0003\u0004'))

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** Calls `quit` when whoever sits there wants to, or a signal says so, until the function it returns is called, which leaves the keyboard as it was. */
export function onQuit(keyboard: Keyboard, quit: () => void): () => void {
  const release = keyboard.isTTY === true ? listen(keyboard, quit) : nothing
  for (const signal of SIGNALS) process.on(signal, quit)
  return () => {
    for (const signal of SIGNALS) process.off(signal, quit)
    release()
  }
}

function listen(keyboard: Keyboard, quit: () => void): () => void {
  const onKeys = (keys: Buffer): void => {
    if (keys.some((key) => QUIT.has(key))) quit()
  }
  keyboard.setRawMode?.(true)
  keyboard.on('data', onKeys)
  keyboard.resume()
  return () => {
    keyboard.off('data', onKeys)
    keyboard.pause()
    keyboard.setRawMode?.(false)
  }
}

function nothing(): void {}
