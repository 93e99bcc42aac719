import { describe, expect, test } from 'vitest'
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

/** One line a node: mount, kind, name, line, factory. */
function lines(node: PipelineNode, indent = ''): string[] {
  const { mount, kind, name, line, factory = '-', children } = node
  const text = `${indent}${mount === undefined ? '' : `${mount} => `}${kind} ${name}:${line} ${factory}`
  return [text, ...children.flatMap((child) => lines(child, `${indent}  `))]
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

  test('refuses a path whose app is not there', () => {
    expect(() => loaderOf('[composite:main]\nuse = egg:Test#composite\n/ = absent').describeApp()).toThrow(
      /api-paste\.ini:3: \[composite:main\] \/: No section 'absent'/,
    )
  })

  test('refuses a circle of mounts', () => {
    const ini = '[composite:main]\nuse = egg:Test#composite\n/ = other\n[composite:other]\nuse = egg:Test#composite\n/ = main'
    expect(() => loaderOf(ini).describeApp()).toThrow('refers to itself')
  })
})
