import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseIni, readIni, type IniFile } from '../../src/config/ini.ts'
import { configErrorOf, makeDirectory } from './files.ts'

type Contents = [section: string, options: [key: string, value: string][]][]

function contentsOf(ini: IniFile): Contents {
  return [...ini.sections.values()].map(({ name, options }) => [name, [...options.values()].map(({ key, value }) => [key, value])])
}

describe('an option line', () => {
  it.each([
    ['key = value', 'key', 'value'],
    ['key: value', 'key', 'value'],
    ['key=value', 'key', 'value'],
    ['/: versions', '/', 'versions'],
    ['/ = versions', '/', 'versions'],
    ['a: b=c', 'a', 'b=c'],
    ['d = e:f', 'd', 'e:f'],
    ['http://host/path = app', 'http', '//host/path = app'],
    ['two words = x', 'two words', 'x'],
    ['set x = y', 'set x', 'y'],
    ['  key   =   value  ', 'key', 'value'],
    ['Key = Value', 'Key', 'Value'],
    ['empty =', 'empty', ''],
    ['empty:', 'empty', ''],
    ['use = egg:Paste#urlmap', 'use', 'egg:Paste#urlmap'],
    ['a = b # c', 'a', 'b # c'],
    ['a = b ; c', 'a', 'b ; c'],
    ['a = true', 'a', 'true'],
    ['a = null', 'a', 'null'],
    ['a = "quoted"', 'a', '"quoted"'],
    ['a = \'quoted\'', 'a', '\'quoted\''],
    ['"a" = b', '"a"', 'b'],
    ['a = "', 'a', '"'],
    ['a = \\n\\;\\', 'a', '\\n\\;\\'],
    ['a = [b]', 'a', '[b]'],
    ['a = %(client_ip)s', 'a', '%(client_ip)s'],
    ['a = x\u2028y\u2029z', 'a', 'x\u2028y\u2029z'],
    ['list[] = x', 'list[]', 'x'],
    ['__proto__ = x', '__proto__', 'x'],
    ['constructor = x', 'constructor', 'x'],
    ['[unclosed = x', '[unclosed', 'x'],
  ])('%j is %j = %j', (line, key, value) => {
    expect(contentsOf(parseIni(`[s]\n${line}\n`, 'f'))).toEqual([['s', [[key, value]]]])
  })
})

describe('a section header', () => {
  it.each([
    ['[app:main]', 'app:main'],
    ['[a.b.c]', 'a.b.c'],
    ['[a\\.b]', 'a\\.b'],
    ['[ spaced ]', ' spaced '],
    ['[a]b] and what follows', 'a]b'],
    ['  [indented]', 'indented'],
    ['[__proto__]', '__proto__'],
    ['[true]', 'true'],
    ['[12]', '12'],
    ['["quoted"]', '"quoted"'],
    ['[default]', 'default'],
  ])('%j is %j', (line, name) => {
    expect(contentsOf(parseIni(`${line}\nk = v\n`, 'f'))).toEqual([[name, [['k', 'v']]]])
  })

  it('may have no options', () => expect(contentsOf(parseIni('[a]\n[b]\n', 'f'))).toEqual([['a', []], ['b', []]]))
  it('[DEFAULT] may be continued further down', () => {
    expect(contentsOf(parseIni('[DEFAULT]\na = 1\n[s]\n[DEFAULT]\nb = 2', 'f'))).toEqual([['DEFAULT', [['a', '1'], ['b', '2']]], ['s', []]])
  })
})

describe('continuation lines', () => {
  it.each([
    ['are joined with newlines, each stripped', 'a = b\n  c \n\td', [['a', 'b\nc\nd']]],
    ['may follow an empty first line', 'a =\n  b\n  c', [['a', '\nb\nc']]],
    ['keep the blank lines between them, not those after', 'a = b\n  c\n\n  d\n  e\n\n\nx = y', [['a', 'b\nc\n\nd\ne'], ['x', 'y']]],
    ['lose the comment lines between them', 'a = b\n# one\n  ; two\n  c', [['a', 'b\nc']]],
    ['may look like options and headers', 'a = b\n  x = y\n  [z]', [['a', 'b\nx = y\n[z]']]],
    ['are deeper than the option, which may be indented itself', '  a = b\n  c = d\n    e', [['a', 'b'], ['c', 'd\ne']]],
    ['may be less deep than the line before', 'a = b\n    c\n  d', [['a', 'b\nc\nd']]],
  ])('%s', (_, text, options) => {
    expect(contentsOf(parseIni(`[s]\n${text}\n`, 'f'))).toEqual([['s', options]])
  })
})

it.each([
  ['comments and blank lines', '# c\n; c\n\n  # c\n[s]\n\n# c\na = b\n'],
  ['a UTF-8 BOM', '\uFEFF[s]\na = b\n'],
  ['CRLF', '[s]\r\na = b\r\n'],
  ['CR', '[s]\ra = b\r'],
  ['no newline at the end', '[s]\na = b'],
])('%s change nothing', (_, text) => expect(contentsOf(parseIni(text, 'f'))).toEqual([['s', [['a', 'b']]]]))

it('an empty file has no sections', () => expect(contentsOf(parseIni('', 'f'))).toEqual([]))

it('sections and options know their lines', () => {
  const ini = parseIni('# c\n[a]\nx = 1\n  2\n\ny = 3\r\n[b]\nx = 4', 'f')
  const lines = [...ini.sections.values()].map(({ line, options }) => [line, [...options.values()].map((option) => option.line)])
  expect(lines).toEqual([[2, [3, 6]], [7, [8]]])
})

it.each([
  ['a = b', 'f:1: there is no section yet (got "a"; expected a [section] first)'],
  ['[s]\nnothing', 'f:2: [s] cannot be read (got "nothing"; expected [section], key = value or key: value)'],
  ['[s]\n= value', 'f:2: [s] cannot be read (got "= value"; expected [section], key = value or key: value)'],
  ['[]', 'f:1: cannot be read (got "[]"; expected [section], key = value or key: value)'],
  ['x = 1\n[a]\nno\n  more\n[a]\nk = 1', 'f:3: [a] cannot be read (got "no"; expected [section], key = value or key: value)\nf:1: there is no section yet (got "x"; expected a [section] first)\nf:5: [a] this section is already on line 2'],
  ['[a]\n[b]\n[a]', 'f:3: [a] this section is already on line 1'],
  ['[a]\nx = 1\n\nx : 2', 'f:4: [a] x: this option is already on line 2'],
  ['[DEFAULT]\nx = 1\n[DEFAULT]\nx = 2', 'f:4: [DEFAULT] x: this option is already on line 2'],
])('%j is an error that names the file and the line', (text, message) => expect(configErrorOf(() => parseIni(text, 'f'))).toBe(message))

describe('readIni', () => {
  it('reads a file', () => {
    const root = makeDirectory({ 'a.ini': '\uFEFF[s]\nname = Zürich' })
    const ini = readIni(`${root}/a.ini`)
    expect(ini.file).toBe(`${root}/a.ini`)
    expect(contentsOf(ini)).toEqual([['s', [['name', 'Zürich']]]])
  })

  it('says which file is not there', () => {
    const root = makeDirectory({})
    expect(configErrorOf(() => readIni(`${root}/a.ini`), root)).toMatch(/^a\.ini: cannot be read: ENOENT/)
  })
})

const name = fc.string({ unit: 'binary', minLength: 1, maxLength: 12 }).filter((text) => !/[\r\n\]]/.test(text))
const key = fc.string({ unit: 'binary', minLength: 1, maxLength: 12 })
  .filter((text) => !/[\r\n=:]/.test(text) && text === text.trim() && !/^[#;[]/.test(text))
const line = fc.string({ unit: 'binary', maxLength: 20 })
  .map((text) => text.replaceAll(/[\r\n]/g, '').trim()).filter((text) => !/^[#;]/.test(text))
const value = fc.array(line, { minLength: 1, maxLength: 4 }).map((lines) => lines.join('\n').trimEnd())
const options = fc.uniqueArray(fc.tuple(key, value), { selector: ([name]) => name, maxLength: 5 })
const file = fc.uniqueArray(fc.tuple(name, options), { selector: ([name]) => name, maxLength: 5 })

it('gives back whatever sections, keys and values were written', () => {
  fc.assert(fc.property(file, fc.constantFrom('=', ':', ' = ', ': '), (contents, delimiter) => {
    const render = ([key, value]: readonly [string, string]): string => `${key}${delimiter}${value.replaceAll('\n', '\n ')}\n`
    const text = contents.map(([name, options]) => `[${name}]\n${options.map(render).join('')}`).join('\n')
    expect(contentsOf(parseIni(text, 'f'))).toEqual(contents)
  }), { seed: 1 })
})
