import { fileURLToPath } from 'node:url'
import { test as base } from 'vitest'
import { CliProcess, type Program } from './cli.ts'

const APPS = fileURLToPath(new URL('../fixtures/apps/', import.meta.url))

/** A program of test/fixtures/apps in a process of its own; `plan` is its one argument, in JSON. */
export type RunProgram = (file: string, plan: object, program?: Omit<Program, 'file'>) => CliProcess

/** A test that can run programs, which end with it. */
export const test = base.extend<{ run: RunProgram }>({
  run: async ({ onTestFinished }, use) => {
    await use((file, plan, program = {}) => {
      const started = new CliProcess([JSON.stringify(plan)], APPS, { ...program, file: `${APPS}${file}` })
      onTestFinished(() => started.kill())
      return started
    })
  },
})
