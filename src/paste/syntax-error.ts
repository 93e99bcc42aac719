import { spawnSync } from 'node:child_process'

/** Parses a module and those it imports by path, without running any, and ends by the first error: Node prints where that is. */
const PARSER = String.raw`
const { readFileSync } = require('node:fs')
const { fileURLToPath, pathToFileURL } = require('node:url')
const { SourceTextModule } = require('node:vm')
const seen = new Set()
function parse(url) {
  if (seen.has(url) || !/\.m?js$/.test(url)) return
  seen.add(url)
  const file = fileURLToPath(url)
  const module = new SourceTextModule(readFileSync(file, 'utf8'), { identifier: file })
  const imported = module.dependencySpecifiers ?? module.moduleRequests.map(({ specifier }) => specifier)
  for (const specifier of imported) if (/^\.{1,2}\//.test(specifier)) parse(new URL(specifier, url).href)
}
parse(pathToFileURL(process.argv[1]).href)
`

/** `file:line` of the first syntax error in an ES module or in what it imports by path; undefined when there is none. Takes a process. */
export function findSyntaxError(file: string): string | undefined {
  const { stderr } = spawnSync(process.execPath, ['--experimental-vm-modules', '--no-warnings', '-e', PARSER, file], { encoding: 'utf8' })
  return /^.+:\d+(?=\n[^]*^SyntaxError)/m.exec(stderr)?.[0]
}
