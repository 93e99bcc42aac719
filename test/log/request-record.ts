import type { RequestRecord } from '../../src/events.ts'

/** What a small GET leaves behind. */
export const RECORD: RequestRecord = {
  api: 'compute',
  id: 'req-11111111-2222-4333-8444-555555555555',
  clientAddress: '192.0.2.7',
  clientPort: 40_000,
  forwardedFor: null,
  method: 'GET',
  target: '/servers',
  httpVersion: '1.1',
  status: 200,
  bytes: 105,
  seconds: 0.0123456789,
  complete: true,
}
