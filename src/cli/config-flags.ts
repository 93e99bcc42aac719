import { type Command, InvalidArgumentError } from 'commander'
import type { ConfigRequest } from '../config/load.ts'

/** What the options that say where the configuration is come to. */
export interface FileFlags {
  configFile?: string[]
  configDir?: string[]
  set?: string[]
}

/** And of every command that reads it for its APIs. */
export interface ConfigFlags extends FileFlags {
  api?: string[]
}

export function withFileOptions(command: Command): Command {
  return command
    .helpOption('--help', 'print this help')
    .option('--config-file <file>', 'read this file; may be repeated, a later one wins', collect)
    .option('--config-dir <dir>', 'read the *.conf files of this directory, in order; may be repeated', collect)
    .option('--set <group.option=value>', 'set one option, over all files; may be repeated', collect)
}

export function withConfigOptions(command: Command): Command {
  return withFileOptions(command).option('--api <name>', 'only this one of the enabled APIs; may be repeated', collect)
}

export function requestOf({ configFile, configDir, set, api }: ConfigFlags, workers?: number): ConfigRequest {
  const base = { files: configFile ?? [], dirs: configDir ?? [], sets: set ?? [], cwd: process.cwd() }
  return { ...base, ...(api === undefined ? {} : { apis: api }), ...(workers === undefined ? {} : { workers }) }
}

/** An option's value. */
export function wholeNumber(value: string): number {
  if (!/^\d{1,4}$/.test(value)) throw new InvalidArgumentError('expected a whole number of processes.')
  return Number(value)
}

/** An option's value. */
export function seconds(value: string): number {
  if (!/^\d{1,6}(\.\d{1,3})?$/.test(value)) throw new InvalidArgumentError('expected a number of seconds.')
  return Number(value)
}

function collect(value: string, before: string[] = []): string[] {
  return [...before, value]
}
