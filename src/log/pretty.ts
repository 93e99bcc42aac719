import { printable } from '../printable.ts'

/** Turns a JSON line into what people read. */
export type Pretty = (line: string) => string

/** Loads what does it only here: a server without a terminal starts the faster for it. */
export async function loadPretty(isTerminal: boolean): Promise<Pretty> {
  const { prettyFactory } = await import('pino-pretty')
  return prettyFactory({
    colorize: isTerminal,
    ignore: 'pid,name,event',
    hideObject: true,
    translateTime: 'SYS:HH:MM:ss.l',
    messageFormat: prettyMessage,
  })
}

interface PrettyLine {
  readonly name: string
  readonly pid: number
  readonly msg: string
  readonly err?: { readonly stack?: string }
}

/** `hideObject` hides errors too, and whoever develops an app at a terminal wants their stack, in which there may be what a client sent. */
function prettyMessage(line: Record<string, unknown>): string {
  const { name, pid, msg, err } = line as unknown as PrettyLine
  return printable(`${name}[${pid}] ${msg}${err?.stack === undefined ? '' : `\n${err.stack}`}`)
}
