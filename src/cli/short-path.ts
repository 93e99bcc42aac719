import { dirname, relative } from 'node:path'

/** A file as seen from where the command runs, or else from the paste file's directory; absolute when it is below neither. */
export function shortPath(file: string, pasteFile: string, cwd: string = process.cwd()): string {
  const short = [cwd, dirname(pasteFile)].map((directory) => relative(directory, file)).find((path) => !path.startsWith('..'))
  return short ?? file
}
