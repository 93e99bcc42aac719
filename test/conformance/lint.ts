/** The first line and the field lines of a response, without their CRLF. */
export interface HeadLines {
  readonly statusLine: string
  readonly fieldLines: readonly string[]
}

const STATUS_LINE = /^HTTP\/1\.[01] ([1-9]\d\d) [\t\x20-\x7e\x80-\xff]*$/
const FIELD_LINE = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+:[\t\x20-\x7e\x80-\xff]*$/

/** 0 for a line that is none (RFC 9112 §4). */
export function statusOf(statusLine: string): number {
  return Number(STATUS_LINE.exec(statusLine)?.[1] ?? 0)
}

/** Names in lower case, values without blanks around them; repeated fields are joined with `, ` (RFC 9110 §5.3). */
export function fieldsOf(fieldLines: readonly string[]): Map<string, string> {
  const fields = new Map<string, string>()
  for (const line of fieldLines) {
    const colon = line.indexOf(':')
    const name = line.slice(0, colon).toLowerCase()
    const value = line.slice(colon + 1).replace(/^[ \t]+|[ \t]+$/g, '')
    const before = fields.get(name)
    fields.set(name, before === undefined ? value : `${before}, ${value}`)
  }
  return fields
}

/** What no server may send, whatever was asked. `connected`: the response to CONNECT. */
export function lintHead({ statusLine, fieldLines }: HeadLines, connected: boolean): string[] {
  const status = statusOf(statusLine)
  const fields = fieldsOf(fieldLines)
  const length = fields.get('content-length')
  const coding = fields.get('transfer-encoding')
  const framed = length !== undefined || coding !== undefined
  const rules: ReadonlyArray<readonly [broken: boolean, fault: string]> = [
    [status === 0, `not a status line: ${JSON.stringify(statusLine)} (RFC 9112 §4)`],
    ...fieldLines.map((line) => [!FIELD_LINE.test(line), `not a field line: ${JSON.stringify(line)} (RFC 9112 §5)`] as const),
    [length !== undefined && coding !== undefined, 'Content-Length and Transfer-Encoding (RFC 9112 §6.2)'],
    [length !== undefined && !/^\d+$/.test(length), `Content-Length: ${length} (RFC 9110 §8.6)`],
    [framed && status < 200, 'an interim response with a body (RFC 9110 §15.2)'],
    [framed && status === 204, '204 with a body (RFC 9110 §8.6, RFC 9112 §6.1)'],
    [framed && connected && status >= 200 && status < 300, '2xx to CONNECT with a body (RFC 9110 §9.3.6)'],
  ]
  return rules.filter(([broken]) => broken).map(([, fault]) => fault)
}
