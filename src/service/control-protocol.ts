/** One line from a client. */
export interface ControlRequest {
  /** Given back as it came. */
  readonly id: unknown
  readonly command: string
  readonly args: Readonly<Record<string, unknown>>
}

export type ControlAnswer =
  | { readonly id: unknown; readonly ok: true; readonly result: unknown }
  | { readonly id: unknown; readonly ok: false; readonly error: string }

/** No JSON object with a command: whatever sends that speaks another protocol. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError'
}

/** Throws ProtocolError. */
export function parseRequest(line: string): ControlRequest {
  const value = parseJson(line)
  if (!isObject(value)) throw new ProtocolError('expected a JSON object in one line')
  const { id = null, command, args = {} } = value
  if (typeof command !== 'string') throw new ProtocolError('expected a member "command" that is a string')
  if (!isObject(args)) throw new ProtocolError('expected an object as "args"')
  return { id, command, args }
}

/** A result of nothing is null. */
export function formatAnswer(answer: ControlAnswer): string {
  const shown = answer.ok ? { ...answer, result: answer.result ?? null } : answer
  return `${JSON.stringify(shown)}\n`
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    throw new ProtocolError('expected JSON')
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
