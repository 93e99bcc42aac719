import { expect, test } from 'vitest'
import { stuckText } from '../../src/log/stuck-text.ts'

const request = { id: 'req-1', what: 'GET /v2.1/servers', seconds: 75, phase: 'waiting for the app', client: '192.0.2.1' }
const task = { id: 'sync', what: 'sync\nall', seconds: 1.25, phase: 'running' }

test('work by process, and the stack of a blocked main loop', () => {
  const found = [
    { service: 'compute', pid: 101, work: [request, task] },
    { service: 'compute', pid: 102, work: [] },
    { service: 'image', pid: 103, work: [], stack: 'at spin (app.js:1:2)\nat main (app.js:9:1)' },
  ]
  expect(stuckText(found)).toBe([
    'compute 101',
    '  age       what               phase                client     id',
    '  1 m 15 s  GET /v2.1/servers  waiting for the app  192.0.2.1  req-1',
    '  1.3 s     sync all           running              -          sync',
    '',
    'image 103',
    '  its main loop is blocked:',
    '  at spin (app.js:1:2)',
    '  at main (app.js:9:1)',
  ].join('\n'))
})

test.each([[[]], [[{ service: 'compute', pid: 1, work: [] }]]])('nothing is said to be so', (found) => {
  expect(stuckText(found)).toBe('nothing is stuck')
})
