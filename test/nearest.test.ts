import { expect, it } from 'vitest'
import { nearestName } from '../src/nearest.ts'

const names = ['compute', 'metadata', 'metadata_listen', 'wsgi', 'a', 'tcp_keepidle']

it.each([
  ['computr', 'compute'],
  ['compuet', 'compute'],
  ['Compute', 'compute'],
  ['metdata', 'metadata'],
  ['wsg', 'wsgi'],
  ['tcp_keep_idle', 'tcp_keepidle'],
  ['b', 'a'],
  ['volume', undefined],
  ['zzzz', undefined],
])('nearest to %j is %j', (name, nearest) => expect(nearestName(name, names)).toBe(nearest))

it('the first of several that are as near', () => expect(nearestName('bat', ['cat', 'hat'])).toBe('cat'))
it('nothing is near when there is nothing', () => expect(nearestName('x', [])).toBeUndefined())
