#!/usr/bin/env node
// oxlint-disable-next-line import/no-unassigned-import -- what it does must come before all other imports
import './cli/no-inspector.ts'
import { CommanderError } from 'commander'
import { exitCodeOf, exitCodes } from './cli/exit-codes.ts'
import { createProgram } from './cli/program.ts'
import { printable } from './printable.ts'

const program = createProgram((code) => process.exit(code))
for (const command of [program, ...program.commands]) command.exitOverride()

try {
  await program.parseAsync()
} catch (error) {
  if (error instanceof CommanderError) process.exit(error.exitCode === 0 ? exitCodes.ok : exitCodes.usage)
  const message = printable(error instanceof Error ? error.message : String(error))
  process.stderr.write(message.replaceAll(/^/gm, 'millrace: ').concat('\n'))
  process.exit(exitCodeOf(error))
}
