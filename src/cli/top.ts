import { type Clock, systemClock } from '../clock.ts'
import { statusText } from '../log/status-text.ts'
import { printable } from '../printable.ts'
import type { LauncherStatus } from '../service/operations.ts'
import { sleep } from '../service/sleep.ts'
import { askLauncher, ControlError } from './control-client.ts'
import { type ControlPlace, findControlSocket } from './control-place.ts'
import { exitCodes } from './exit-codes.ts'
import { type Keyboard, onQuit } from './quit-wish.ts'
import { RequestRates } from './request-rates.ts'
import { openScreen, type Output } from './screen.ts'

export interface Terminal {
  readonly keyboard: Keyboard
  readonly output: Output
}

/**
 * `millrace top`: the status, again every `seconds`, until whoever reads it has enough. On a terminal it is drawn over, and `q` ends it;
 * elsewhere it is one text after the other. Rejects with ControlError when there is no launcher at first; one that goes later may come back.
 */
export async function top(place: ControlPlace, seconds: number, terminal: Terminal = ownTerminal(), clock: Clock = systemClock): Promise<number> {
  const path = findControlSocket(place)
  const rates = new RequestRates()
  const view = async (): Promise<string> => {
    const status = (await askLauncher({ path, command: 'status' }, clock)) as LauncherStatus
    rates.take(status, clock.now())
    return statusText(status, [rates])
  }
  const first = await view()
  await show(first, view, { seconds, terminal, clock })
  return exitCodes.ok
}

interface Showing {
  readonly seconds: number
  readonly terminal: Terminal
  readonly clock: Clock
}

async function show(first: string, view: () => Promise<string>, { seconds, terminal: { keyboard, output }, clock }: Showing): Promise<void> {
  const wish = new AbortController()
  const quit = (): void => wish.abort()
  const screen = openScreen(output)
  const unlisten = onQuit(keyboard, quit)
  const restore = (): void => {
    screen.close()
    unlisten()
  }
  // Also when something throws where nobody catches it.
  process.on('exit', restore)
  // Its reader has gone: `millrace top | head`.
  output.on('error', quit)
  try {
    for (let text = first; !wish.signal.aborted; text = await view().catch(messageOf)) {
      screen.draw(printable(text))
      await sleep(clock, seconds * 1000, wish.signal)
    }
  } finally {
    process.off('exit', restore)
    restore()
  }
}

function messageOf(error: unknown): string {
  if (error instanceof ControlError) return error.message
  throw error
}

function ownTerminal(): Terminal {
  return { keyboard: process.stdin, output: process.stdout }
}
