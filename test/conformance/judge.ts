import { type Case, mustWait, octetsOf } from './case.ts'
import { type Echo, echoOf, type Response } from './response.ts'
import { type Outcome, probePath } from './run-case.ts'

type Rule = (one: Case, outcome: Outcome) => ReadonlyArray<string | false>

/** Everything in which the outcome is not what the case expects. */
export function judge(one: Case, outcome: Outcome): string[] {
  return RULES.flatMap((rule) => rule(one, outcome).filter((fault) => fault !== false))
}

const RULES: readonly Rule[] = [sense, count, status, ending, fields, echoes, interims, probe, reconnection]

function sense(_: Case, { finals, interims, fault, ending }: Outcome): string[] {
  const faults = [...interims, ...finals].flatMap((response) => response.faults)
  const cut = finals.some(({ complete }) => !complete) && ending !== null
  return [...faults, ...(fault === null ? [] : [fault]), ...(cut ? ['a response without its end'] : [])]
}

function count({ expect }: Case, { finals, ending, left }: Outcome): ReadonlyArray<string | false> {
  if (mustWait(expect)) return [finals.length > 0 && `answered ${statuses(finals)} instead of waiting`]
  const wrongNumber = expect.responses !== null && finals.length !== expect.responses
  if (finals.length > 0) return [wrongNumber && `${finals.length} responses: ${statuses(finals)}`]
  const silence = ending !== null || left ? 0 : -1
  const allowed = expect.status.includes(silence) || (expect.responses === 0 && silence === 0)
  return [!allowed && (silence === 0 ? 'closed without a response' : 'no response')]
}

function status({ expect }: Case, { finals }: Outcome): ReadonlyArray<string | false> {
  return finals.map((response, index) => {
    const allowed = expect.each?.[index] ?? expect.status
    return !allowed.includes(response.status) && `response ${index + 1} has the status ${response.status}`
  })
}

function ending({ expect }: Case, { ending: how, left }: Outcome): ReadonlyArray<string | false> {
  return [expect.close === true && how === null && 'left open', expect.close === false && how !== null && !left && how]
}

function fields({ expect }: Case, { finals, ending: how }: Outcome): ReadonlyArray<string | false> {
  return finals.flatMap((response) => {
    const field = (name: string): string => response.fields.get(name) ?? ''
    return [
      expect.noTE === true && response.fields.has('transfer-encoding') && 'Transfer-Encoding to HTTP/1.0',
      expect.date === true && !/^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/.test(field('date')) && 'no valid Date',
      expect.wantClose === true && !hasOption(field('connection'), 'close') && 'no Connection: close',
      expect.header10 === true && how === null && !hasOption(field('connection'), 'keep-alive') && 'kept open for HTTP/1.0 without a word',
      ...(expect.forbidHeader ?? []).map((name) => response.fields.has(name) && `the field ${name}`),
    ]
  })
}

function hasOption(connection: string, wanted: string): boolean {
  return connection.toLowerCase().split(/[ \t]*,[ \t]*/).includes(wanted)
}

/** What the app says that it was asked; only of answers of the app, and only what it says. */
function echoes({ expect }: Case, { finals }: Outcome): ReadonlyArray<string | false> {
  return finals.flatMap((response, index) => {
    if (response.status !== 200) return []
    const said = echoOf(response)
    const { path = '', bodyLength = 0 } = said
    const whole = index === 0 ? (Object.entries(expect.body ?? {}) as Array<[keyof Echo, unknown]>) : []
    return [
      said.path !== undefined && expect.paths?.includes(path) === false && `answered ${path}, which nobody asked for`,
      differs(said.path, expect.order?.[index]) && `response ${index + 1} is for ${path}`,
      differs(said.bodyLength, expect.bodies?.[index]) && `response ${index + 1} is for a body of ${bodyLength} octets`,
      ...whole.map(([key, value]) => differs(said[key], value) && `${key} ${said[key]}`),
    ]
  })
}

function differs(said: unknown, expected: unknown): boolean {
  return said !== undefined && expected !== undefined && expected !== null && said !== expected
}

function interims({ expect, send }: Case, { interims: said, noContinue }: Outcome): ReadonlyArray<string | false> {
  const asked = send.some((step) => 'b64' in step && /expect:/i.test(octetsOf(step).toString('latin1')))
  const continues = said.filter((response) => response.status === 100)
  return [
    noContinue && 'neither 100 nor a final response',
    expect.interim100 === 'must' && continues.length === 0 && 'no 100',
    expect.interim100 === 'mustnot' && said.length > 0 && `${statuses(said)} before the response`,
    expect.interim100 === undefined && continues.length > 0 && !asked && '100, which nobody asked for',
  ]
}

function probe(one: Case, { probed }: Outcome): ReadonlyArray<string | false> {
  if (probed === null) return []
  const [answer, ...more] = probed
  if (answer === undefined) return ['not in order any more: the probe was not answered']
  const { path } = echoOf(answer)
  return [
    answer.status !== 200 && `not in order any more: the probe was answered ${answer.status}`,
    differs(path, probePath(one)) && `not in order any more: the probe was answered for ${path}`,
    more.length > 0 && `${statuses(more)} behind the probe's answer`,
  ]
}

function reconnection(_: Case, { reconnected }: Outcome): ReadonlyArray<string | false> {
  return [reconnected !== null && reconnected !== 200 && `a new connection was answered ${reconnected}`]
}

function statuses(responses: readonly Response[]): string {
  return responses.map((response) => response.status).join(', ')
}
