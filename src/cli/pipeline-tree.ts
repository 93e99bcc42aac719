import { maskSecret } from '../secrets.ts'
import { hideSecret } from './finding.ts'
import type { PipelineNode } from '../paste/pipeline-node.ts'
import { formatColumns } from '../table.ts'

/** How a tree writes the file a section stands in. */
type NameFile = (file: string) => string

/** Each node on a line, with what it contains below it: mount, kind and name; factory; where the section stands. */
export function drawTree(node: PipelineNode, nameFile: NameFile): string {
  return formatColumns(treeRows(node, '', '', nameFile))
}

function treeRows(node: PipelineNode, first: string, rest: string, nameFile: NameFile): string[][] {
  const { mount, kind, name, factory = '', file, line, children } = node
  const below = children.flatMap((child, index) => {
    const last = index === children.length - 1
    return treeRows(child, `${rest}${last ? '└─ ' : '├─ '}`, `${rest}${last ? '   ' : '│  '}`, nameFile)
  })
  const place = line === undefined ? nameFile(file) : `${nameFile(file)}:${line}`
  return [[`${first}${mount === undefined ? '' : `${mount} → `}${kind} ${name}`, factory, place], ...below]
}

/** The node as it may be shown. */
export function maskNode(node: PipelineNode): PipelineNode {
  const { problems, ...shown } = node
  const settings = node.settings.map((setting) => ({ ...setting, value: maskSecret(setting.name, setting.value) }))
  return { ...shown, settings, children: node.children.map(maskNode), ...(problems && { problems: problems.map(hideSecret) }) }
}
