import type { PipelineNode } from '../paste/pipeline-node.ts'

type BoxKind = Exclude<PipelineNode['kind'], 'pipeline' | 'filter-app' | 'filter-with'>

/** What stands around a label: apps are round, composites six-sided, what is broken notched. */
const SHAPES: { readonly [K in BoxKind]: readonly [open: string, close: string] } = {
  app: ['(', ')'],
  composite: ['{{', '}}'],
  filter: ['[', ']'],
  broken: ['>', ']'],
}

/** Where requests enter what was drawn, and where they go on from. */
interface Drawn {
  readonly first: string
  readonly last: string
}

/** The way of requests as a Mermaid flowchart: composites point to what they mount, filters to what is inside them. */
export function drawFlowchart(nodes: readonly PipelineNode[]): string {
  const chart = new Flowchart()
  for (const node of nodes) chart.draw(node, '  ')
  return chart.text
}

class Flowchart {
  readonly #boxes: string[] = []
  readonly #arrows: string[] = []
  #count = 0

  /** A box belongs to the subgraph in which it is named first, so arrows come last. */
  get text(): string {
    return ['flowchart LR', ...this.#boxes, ...this.#arrows].join('\n')
  }

  draw(node: PipelineNode, indent: string): Drawn {
    const { kind, children } = node
    return isBox(kind) ? this.#drawBox(node, kind, indent) : this.#drawChain(node, children, indent)
  }

  #drawBox({ name, factory, children }: PipelineNode, kind: BoxKind, indent: string): Drawn {
    const id = this.#nextId()
    const [open, close] = SHAPES[kind]
    const label = [name, factory].filter((line) => line !== undefined && line !== '').map((line) => escapeLabel(line ?? ''))
    this.#boxes.push(`${indent}${id}${open}"${label.join('<br/>')}"${close}`)
    for (const child of children) this.#arrows.push(`  ${id} -->|"${escapeLabel(child.mount ?? '')}"| ${this.draw(child, indent).first}`)
    return { first: id, last: id }
  }

  #drawChain({ kind, name }: PipelineNode, children: readonly PipelineNode[], indent: string): Drawn {
    const id = this.#nextId()
    this.#boxes.push(`${indent}subgraph ${id}["${escapeLabel(`${kind} ${name}`)}"]`)
    const parts = children.map((child) => this.draw(child, `${indent}  `))
    this.#boxes.push(`${indent}end`)
    for (const [index, { first }] of parts.entries()) {
      const before = parts[index - 1]
      if (before !== undefined) this.#arrows.push(`  ${before.last} --> ${first}`)
    }
    return { first: parts[0]?.first ?? id, last: parts.at(-1)?.last ?? id }
  }

  #nextId(): string {
    return `n${this.#count++}`
  }
}

function isBox(kind: PipelineNode['kind']): kind is BoxKind {
  return kind in SHAPES
}

/** Mermaid's entities are `#code;`. Besides what ends a label this takes what would be read as HTML, as Markdown or as a line's end. */
function escapeLabel(text: string): string {
  return text.replace(/["#&<>\\`]|[^\P{Cc}]/gu, (character) => `#${character.charCodeAt(0)};`)
}
