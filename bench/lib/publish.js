import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const README = fileURLToPath(new URL('../README.md', import.meta.url))

/** Puts a result into README.md, between the markers with its name. @param {string} name @param {string} text */
export function publish(name, text) {
  const readme = readFileSync(README, 'utf8')
  const begin = `<!-- ${name} -->`
  const end = `<!-- /${name} -->`
  const [before = '', rest] = readme.split(begin)
  const after = rest?.split(end)[1]
  if (after === undefined) throw new Error(`README.md has no ${begin} and ${end}`)
  writeFileSync(README, `${before}${begin}\n\`\`\`\n${text}\n\`\`\`\n${end}${after}`)
}

/** Prints a result, and publishes it when asked to. @param {string} name @param {string} text @param {boolean} inReadme */
export function tell(name, text, inReadme) {
  console.log(text)
  if (inReadme) publish(name, text)
}
