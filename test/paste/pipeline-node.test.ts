import { describe, expect, test } from 'vitest'
import { builtins } from '../../src/builtins.ts'
import { Loader } from '../../src/paste/loader.ts'
import type { PipelineNode } from '../../src/paste/pipeline-node.ts'
import { loaderOf } from './paste-files.ts'

const INI = `
[composite:main]
use = egg:Test#composite
/: versions
domain example.org /v2.1: compute_v21
not_found_app = versions
title = versions of compute
url = http://example.org/
[app:versions]
paste.app_factory = ./absent.js:versions
[pipeline:compute_v21]
pipeline = auth egg:Test#filter_app compute
[filter:auth]
paste.filter_factory = ./absent.js:auth
filter-with = log
[filter:log]
use = egg:absent#log
[app:compute]
use = base
[app:base]
use = call:./absent.js:compute
filter-with = log
[composite:auth_strategy]
paste.composite_factory = ./absent.js:strategies
noauth = log compute
keystone = auth log compute
default = keystone
[filter-app:wrapped]
use = egg:Test#filter
next = versions
`

function withBuiltins(ini: string): Loader {
  return new Loader({ configPath: loaderOf(ini).configPath, builtins })
}

/** One line a node: mount, kind, name, line, factory. */
function lines(node: PipelineNode, indent = ''): string[] {
  const { mount, kind, name, line, factory = '-', children } = node
  const text = `${indent}${mount === undefined ? '' : `${mount} => `}${kind} ${name}:${line} ${factory}`
  return [text, ...children.flatMap((child) => lines(child, `${indent}  `))]
}

/** The pipeline of `noauth` is broken. */
function strategies(strategy: string): string {
  return `[DEFAULT]
auth_strategy = ${strategy}
[composite:main]
use = egg:millrace#auth_pipeline
keystone = a
noauth = f a
[app:a]
use = egg:millrace#healthcheck_app
[filter:f]
use = egg:millrace#cors
x = %
`
}

describe('the description of an app', () => {
  test('is a tree of mounts and filters, for which nothing is imported', () => {
    expect(lines(loaderOf(INI).describeApp())).toEqual([
      'composite main:2 egg:Test#composite',
      '  / => app versions:9 ./absent.js:versions',
      '  domain example.org /v2.1 => pipeline compute_v21:11 -',
      '    filter-with auth:13 -',
      '      filter log:16 egg:absent#log',
      '      filter auth:13 ./absent.js:auth',
      '    filter egg:Test#filter_app:12 egg:Test#filter_app',
      '    filter-with compute:18 -',
      '      filter log:16 egg:absent#log',
      '      app compute:18 ./absent.js:compute',
      '  not_found_app => app versions:9 ./absent.js:versions',
    ])
  })

  test('shows the pipelines that a composite chooses from', () => {
    expect(lines(loaderOf(INI).describeApp('auth_strategy'))).toEqual([
      'composite auth_strategy:23 ./absent.js:strategies',
      '  noauth => pipeline noauth:25 -',
      '    filter log:16 egg:absent#log',
      '    filter-with compute:18 -',
      '      filter log:16 egg:absent#log',
      '      app compute:18 ./absent.js:compute',
      '  keystone => pipeline keystone:26 -',
      '    filter-with auth:13 -',
      '      filter log:16 egg:absent#log',
      '      filter auth:13 ./absent.js:auth',
      '    filter log:16 egg:absent#log',
      '    filter-with compute:18 -',
      '      filter log:16 egg:absent#log',
      '      app compute:18 ./absent.js:compute',
    ])
  })

  test('shows a filter-app as its filter and the next app', () => {
    expect(lines(loaderOf(INI).describeApp('wrapped'))).toEqual([
      'filter-app wrapped:28 -',
      '  filter wrapped:28 egg:Test#filter',
      '  app versions:9 ./absent.js:versions',
    ])
  })

  test('has the settings of each section with their places, those it inherits included', () => {
    const ini = '[DEFAULT]\nregion = one\n[app:main]\nuse = base\ngreeting = %(region)s\n[app:base]\nuse = egg:Test#app\nset x = 1\nsize = 5\n'
    const loader = loaderOf(ini)
    const place = { file: loader.configPath }
    expect(loader.describeApp().settings).toEqual([
      { name: 'size', value: '5', line: 9, ...place },
      { name: 'greeting', value: 'one', line: 5, ...place },
    ])
  })

  test('marks a mount that cannot be looked up, with what is wrong with it, and describes the rest', () => {
    const ini = `[composite:main]
use = egg:Test#composite
/ = absent
/v1 = one
strategy = f one
[app:one]
use = egg:Test#app
[filter:f]
use = egg:Test#filter
x = %
`
    const loader = loaderOf(ini)
    const node = loader.describeApp()
    expect(lines(node)).toEqual([
      'composite main:1 egg:Test#composite',
      '  / => broken absent:3 -',
      '  /v1 => app one:6 egg:Test#app',
      '  strategy => broken f one:5 -',
    ])
    expect(node.children[0]?.problems).toMatchObject([{ line: 3, section: 'composite:main', option: '/', message: "No section 'absent' (prefixed by 'app' or 'application' or 'composite' or 'composit' or 'pipeline' or 'filter-app') found in config " + loader.configPath }])
    expect(node.children[2]?.problems).toMatchObject([{ line: 10, section: 'filter:f', option: 'x' }])
  })

  test('what serve would refuse can be asked apart: strategies that are not chosen are not', () => {
    expect(() => withBuiltins(strategies('keystone')).examineApp()).not.toThrow()
    expect(() => withBuiltins(strategies('noauth')).examineApp()).toThrow(/:11: \[filter:f\] x: /)
    expect(lines(withBuiltins(strategies('noauth')).describeApp())).toContain('  noauth => broken f a:6 -')
  })

  test('a chosen pipeline whose members are not there is wrong before anything is imported', () => {
    const ini = '[composite:main]\nuse = egg:millrace#auth_pipeline\nkeystone = nope\n  a\n[app:a]\npaste.app_factory = ./absent.js:a\n'
    expect(() => withBuiltins(ini).examineApp()).toThrow(/:3: \[composite:main\] keystone: No section 'nope'/)
  })

  test('an app whose factory may load others is an app when it does not', () => {
    expect(lines(withBuiltins('[app:main]\nuse = egg:millrace#node\nhandler = ./a.js:app\n').describeApp())).toEqual(['app main:1 egg:millrace#node'])
    expect(lines(loaderOf('[composite:main]\npaste.composite_factory = ./a.js:make\n').describeApp())).toEqual(['composite main:1 ./a.js:make'])
    expect(loaderOf('').describeApp('egg:Test#composite').kind).toBe('composite')
  })

  test('refuses a circle of mounts', () => {
    const ini = '[composite:main]\nuse = egg:Test#composite\n/ = other\n[composite:other]\nuse = egg:Test#composite\n/ = main'
    expect(() => loaderOf(ini).examineApp()).toThrow('refers to itself')
    expect(lines(loaderOf(ini).describeApp()).at(-1)).toMatch(/^ +\/ => broken main:6/)
  })
})
