import { type Debugger, Session } from 'node:inspector'
import { Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
import { parentPort, workerData } from 'node:worker_threads'
import type { Inspection } from './inspection.ts'
import type { WorkItem } from './service-base.ts'

// The thread of startWatchdog. The main thread may be in an endless loop: nothing here waits for it without a limit.

const FD = 4
/** Milliseconds that the main thread has to come to a statement of JavaScript. */
const PATIENCE = 1000
const MOST_FRAMES = 30
const TELL_WORK = "JSON.stringify(globalThis[Symbol.for('millrace.inProgress')]?.() ?? [])"

const line = new Socket({ fd: FD, readable: true, writable: true })
// Any octet is the question: there is only one.
line.on('data', () => void inspect().then((inspection) => line.write(`${JSON.stringify(inspection)}\n`)))
line.on('error', () => {})
line.on('close', () => watchOrphan(workerData as number))

/** The primary is gone, and nobody else ends a process whose main loop never comes to hear of it: it is killed when it is silent for so many seconds. */
function watchOrphan(patience: number): void {
  let silent = 0
  parentPort?.on('message', () => (silent = 0))
  setInterval(() => {
    if (silent >= patience) process.kill(process.pid, 'SIGKILL')
    silent += 1
    parentPort?.postMessage('are you there?', [])
  }, 1000)
}

async function inspect(): Promise<Inspection> {
  const session = new Session()
  session.connectToMainThread()
  try {
    return await lookAt(session)
  } finally {
    session.disconnect()
  }
}

async function lookAt(session: Session): Promise<Inspection> {
  const urls = new Map<string, string>()
  session.on('Debugger.scriptParsed', ({ params: { scriptId, url } }) => void urls.set(scriptId, url))
  const paused = new Promise<Debugger.PausedEventDataType | null>((resolve) => {
    session.once('Debugger.paused', ({ params }) => resolve(params))
    setTimeout(() => resolve(null), PATIENCE)
  })
  session.post('Debugger.enable')
  session.post('Debugger.pause')
  const where = await paused
  if (where === null) return { stack: 'no JavaScript runs: the main thread waits in a system call or in native code, or has nothing to do', work: [] }
  const work = await askForWork(session, where.callFrames[0]?.callFrameId)
  session.post('Debugger.resume')
  session.post('Debugger.disable')
  return { stack: where.callFrames.slice(0, MOST_FRAMES).map((frame) => describeFrame(frame, urls)).join('\n'), work }
}

function askForWork(session: Session, callFrameId: string | undefined): Promise<WorkItem[]> {
  return new Promise((resolve) => {
    setTimeout(() => resolve([]), PATIENCE)
    if (callFrameId === undefined) return resolve([])
    session.post('Debugger.evaluateOnCallFrame', { callFrameId, expression: TELL_WORK, returnByValue: true }, (error, answer) => {
      resolve(error === null && typeof answer.result.value === 'string' ? (JSON.parse(answer.result.value) as WorkItem[]) : [])
    })
  })
}

function describeFrame({ functionName, url, location: { scriptId, lineNumber, columnNumber = 0 } }: Debugger.CallFrame, urls: ReadonlyMap<string, string>): string {
  const script = urls.get(scriptId) ?? url
  const place = `${script.startsWith('file:') ? fileURLToPath(script) : script}:${lineNumber + 1}:${columnNumber + 1}`
  return functionName === '' ? `    at ${place}` : `    at ${functionName} (${place})`
}
