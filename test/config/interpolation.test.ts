import { describe, expect, it } from 'vitest'
import { parseIni } from '../../src/config/ini.ts'
import { interpolate } from '../../src/config/interpolation.ts'
import { configErrorOf } from './files.ts'

function valueOf(text: string, option = 'x', defaults: Record<string, string> = {}): string {
  const ini = parseIni(`[s]\n${text}`, 'f.ini')
  const section = ini.sections.get('s')!
  return interpolate(ini, section, section.options.get(option)!, new Map(Object.entries(defaults)))
}

const chain = (length: number): string => Array.from({ length }, (_, n) => `k${n} = %(k${n + 1})s\n`).join('')

describe('%(name)s is replaced', () => {
  it.each<[string, string, Record<string, string>, string]>([
    ['by the section\'s own value', 'x = <%(y)s>\ny = 1', {}, '<1>'],
    ['by a default', 'x = %(here)s/a.js', { here: '/etc' }, '/etc/a.js'],
    ['by the section\'s own before a default', 'x = %(y)s\ny = own', { y: 'default' }, 'own'],
    ['inside what replaces it', 'x = %(y)s\ny = %(z)s!', { z: '%(here)s', here: '/etc' }, '/etc!'],
    ['more than once', 'x = %(y)s%(y)s', { y: 'a' }, 'aa'],
    ['by a key of several words', 'x = %(set y)s\nset y = 1', {}, '1'],
    ['by a key that objects have anyway', 'x = %(constructor)s\nconstructor = 1', {}, '1'],
    ['literally, whatever the value holds', 'x = %(y)s', { y: '$& $1' }, '$& $1'],
  ])('%s', (_, text, defaults, expected) => expect(valueOf(text, 'x', defaults)).toBe(expected))

  it('ten levels deep', () => expect(valueOf(`${chain(10)}k10 = end`, 'k0')).toBe('end'))
})

it.each([['100%%', '100%'], ['%%(y)s', '%(y)s'], ['%%%%', '%%'], ['plain', 'plain'], ['', '']])('%j is %j', (raw, expected) => {
  expect(valueOf(`x = ${raw}`)).toBe(expected)
})

it('the same option may hold its own name escaped in a default', () => expect(valueOf('x = %(rate)s', 'x', { rate: '5%%' })).toBe('5%'))

it.each([
  ['x = 50%', 'f.ini:2: [s] x: "%" must be followed by "%" or "(name)s" (got "50%")'],
  ['x = %d', 'f.ini:2: [s] x: "%" must be followed by "%" or "(name)s" (got "%d")'],
  ['x = %(y)', 'f.ini:2: [s] x: "%" must be followed by "%" or "(name)s" (got "%(y)")'],
  ['x = %(her)s', 'f.ini:2: [s] x: %(her)s is not defined, neither here nor in [DEFAULT] (got "%(her)s"); did you mean "here"?'],
  ['x = %(absent)s', 'f.ini:2: [s] x: %(absent)s is not defined, neither here nor in [DEFAULT] (got "%(absent)s")'],
  ['x = %(x)s', 'f.ini:2: [s] x: references go more than 10 levels deep (got "%(x)s")'],
])('%j is an error that names the option', (text, message) => {
  expect(configErrorOf(() => valueOf(text, 'x', { here: '/etc' }))).toBe(message)
})

it('eleven levels are too deep', () => {
  expect(configErrorOf(() => valueOf(`${chain(11)}k11 = %%`, 'k0'))).toContain('more than 10 levels deep')
})
