import { describe, expect, test } from 'vitest'
import { drawFlowchart } from '../../src/cli/flowchart.ts'
import { shortPath } from '../../src/cli/short-path.ts'
import type { PipelineNode } from '../../src/paste/pipeline-node.ts'

function node(kind: PipelineNode['kind'], name: string, children: readonly PipelineNode[] = [], mount?: string): PipelineNode {
  return { kind, name, file: 'api-paste.ini', line: 1, settings: [], children, ...(mount !== undefined && { mount }) }
}

describe('a flowchart', () => {
  test('leads into a pipeline by its first filter, and out of it by its last part', () => {
    const wrapped = node('filter-with', 'wrapped', [node('filter', 'outer'), node('app', 'wrapped')])
    const inner = node('composite', 'map', [node('pipeline', 'p', [node('filter', 'f'), wrapped], '/p')])
    expect(drawFlowchart([node('pipeline', 'all', [node('filter', 'first'), inner])])).toBe(`\
flowchart LR
  subgraph n0["pipeline all"]
    n1["first"]
    n2{{"map"}}
    subgraph n3["pipeline p"]
      n4["f"]
      subgraph n5["filter-with wrapped"]
        n6["outer"]
        n7("wrapped")
      end
    end
  end
  n6 --> n7
  n4 --> n6
  n2 -->|"/p"| n4
  n1 --> n2`)
  })

  test.each([
    ['a "quoted" name', 'a #34;quoted#34; name'],
    ['egg:Paste#urlmap', 'egg:Paste#35;urlmap'],
    ['<b>&amp;</b>', '#60;b#62;#38;amp;#60;/b#62;'],
    ['`markdown`', '#96;markdown#96;'],
    ['C:\\new', 'C:#92;new'],
    ['two\nlines', 'two#10;lines'],
    ['/v2/{id}|[x](y)', '/v2/{id}|[x](y)'],
  ])('escapes %j in labels', (name, label) => {
    expect(drawFlowchart([node('composite', name, [node('app', 'a', [], name)])])).toBe(
      `flowchart LR\n  n0{{"${label}"}}\n  n1("a")\n  n0 -->|"${label}"| n1`,
    )
  })
})

test.each([
  ['/srv/etc/p.ini', 'etc/p.ini'],
  ['/opt/app/other.ini', 'other.ini'],
  ['/var/x.ini', '/var/x.ini'],
])('a file is named as seen from here, else from the paste file, else as it is: %s', (file, name) => {
  expect(shortPath(file, '/opt/app/api-paste.ini', '/srv')).toBe(name)
})
