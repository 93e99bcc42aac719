import { expect, test } from 'vitest'
import { ConfigError } from '../../src/errors.ts'
import { socketsByApi, takePassedSockets, type PassedSocket } from '../../src/service/socket-activation.ts'

const PID = 4711

function take(env: Record<string, string>): PassedSocket[] {
  return takePassedSockets({ LISTEN_PID: String(PID), ...env }, PID)
}

function failure(work: () => unknown): ConfigError {
  try {
    work()
  } catch (error) {
    if (error instanceof ConfigError) return error
  }
  throw new Error('no ConfigError')
}

test('sockets are numbered from 3 and have the names of their units (sd_listen_fds_with_names(3))', () => {
  expect(take({ LISTEN_FDS: '2', LISTEN_FDNAMES: 'compute:metadata' })).toEqual([{ fd: 3, name: 'compute' }, { fd: 4, name: 'metadata' }])
})

test('the variables are gone afterwards, so that no child takes them for its own', () => {
  const env = { LISTEN_PID: String(PID), LISTEN_PIDFDID: '9', LISTEN_FDS: '1', LISTEN_FDNAMES: 'compute', HOME: '/' }
  takePassedSockets(env, PID)
  expect(env).toEqual({ HOME: '/' })
})

test('those of another process are not ours, and its variables go as well', () => {
  const env = { LISTEN_PID: '1', LISTEN_FDS: '2', HOME: '/' }
  expect(takePassedSockets(env, PID)).toEqual([])
  expect(env).toEqual({ HOME: '/' })
})

test('without variables there are none, and the environment is that of this process', () => {
  expect(takePassedSockets({}, PID)).toEqual([])
  expect(takePassedSockets()).toEqual([])
})

test('no sockets are none, with names or without', () => {
  expect(take({ LISTEN_FDS: '0', LISTEN_FDNAMES: '' })).toEqual([])
  expect(take({ LISTEN_FDS: '0' })).toEqual([])
})

test.each([['unknown'], [''], ['millrace.socket']])('"%s" is no name', (name) => {
  expect(take({ LISTEN_FDS: '1', LISTEN_FDNAMES: name })).toEqual([{ fd: 3, name: null }])
})

test('without LISTEN_FDNAMES no socket has a name', () => {
  expect(take({ LISTEN_FDS: '2' })).toEqual([{ fd: 3, name: null }, { fd: 4, name: null }])
})

test.each([
  [{ LISTEN_FDS: 'two' }, 'LISTEN_FDS is no number of sockets (got "two")'],
  [{}, 'LISTEN_FDS is no number of sockets (got "")'],
  [{ LISTEN_FDS: '2', LISTEN_FDNAMES: 'compute' }, 'LISTEN_FDNAMES names another number of sockets than LISTEN_FDS (got "compute"; expected 2 of them)'],
])('%o contradicts itself', (env, message) => {
  expect(failure(() => take(env)).message).toBe(message)
})

const APIS = ['compute', 'metadata']

test('an API gets the sockets of its name, several of one name are its several sockets, and one without binds its own', () => {
  const sockets = [{ fd: 3, name: 'compute' }, { fd: 4, name: 'compute' }]
  expect([...socketsByApi(sockets, APIS)]).toEqual([['compute', [3, 4]]])
})

test('a socket without a name is for the only API', () => {
  expect([...socketsByApi([{ fd: 3, name: null }], ['compute'])]).toEqual([['compute', [3]]])
})

test('every socket that no API takes is told of at once', () => {
  const error = failure(() => socketsByApi([{ fd: 3, name: 'compte' }, { fd: 4, name: 'metadata' }, { fd: 5, name: null }], APIS))
  expect(error.problems).toEqual([
    { message: 'the socket passed as file descriptor 3 belongs to no enabled API', option: 'FileDescriptorName', value: 'compte', expected: 'the name of an enabled API: compute, metadata' },
    { message: 'the socket passed as file descriptor 5 has no name, and there are several APIs', option: 'FileDescriptorName', expected: 'the name of an enabled API: compute, metadata' },
  ])
})

test('another name is an error for the only API as well: it may be a slip', () => {
  expect(failure(() => socketsByApi([{ fd: 3, name: 'compte' }], ['compute'])).problem.value).toBe('compte')
})
