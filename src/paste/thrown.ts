import { fileURLToPath } from 'node:url'

/** What the loader itself throws is not thrown by an app. */
const HERE = fileURLToPath(new URL('.', import.meta.url))
/** A line of a stack that stands in a file, with that file's line and column; Node's own begin with `node:`. */
const FRAME = /^\s*at (?:.*\()?((?:file:\/\/|\/|[A-Za-z]:[\\/]).*:\d+:\d+)\)?$/gm
/** What Node puts in front of the stack of a SyntaxError: the place, and below it the line itself. */
const HEAD = /^((?:file:\/\/|\/|[A-Za-z]:[\\/]).*:\d+)\n/

/** The first line of what was thrown, and where: `TypeError: boom (at /srv/app.js:3:7)`. */
export function describeThrown(error: unknown): string {
  const text = String(error).replace(/\n[^]*/, '')
  const { stack } = Object(error) as { stack?: unknown }
  const place = typeof stack === 'string' ? placeIn(stack) : undefined
  return place === undefined ? text : `${text} (at ${place})`
}

/** The innermost line that is not a package's, as the fault is seldom there. */
function placeIn(stack: string): string | undefined {
  const [, head] = HEAD.exec(stack) ?? []
  const frames = [...stack.matchAll(FRAME)].map(([, frame = '']) => toPath(frame)).filter((frame) => !frame.startsWith(HERE))
  return head === undefined ? (frames.find((frame) => !frame.includes('/node_modules/')) ?? frames[0]) : toPath(head)
}

function toPath(place: string): string {
  return place.startsWith('file://') ? fileURLToPath(place) : place
}
