import { describe, expect, it } from 'vitest'
import type { App, Conf, RunningServer } from '../../../src/app.ts'
import type { BuiltinRow } from '../../../src/paste/registry.ts'
import { Recorder } from './recorder.ts'
import { readCases, replay, type Ops } from './replay.ts'

const RUNNING = { close: () => Promise.resolve() } as unknown as RunningServer

class ServerRecorder extends Recorder {
  protected override servers(): readonly BuiltinRow[] {
    const factory = (name: string) => (global: Conf, local: Conf) => {
      this.keep('server', name, global, local)
      return () => RUNNING
    }
    const runner = (name: string) => (_app: App, global: Conf, local: Conf) => {
      this.keep('server_runner', name, global, local)
      return RUNNING
    }
    return [
      ...['rec:server', 'Rec#server', 'Rec#main'].map((name) => ({ names: [name], kind: 'server' as const, factory: factory(name) })),
      ...['rec:runner', 'Rec#runner'].map((name) => ({ names: [name], kind: 'server_runner' as const, factory: runner(name) })),
    ]
  }
}

const ops: Ops = {
  async server(loader, _recorder, { name, globalConf }) {
    await (await loader.loadServer(name, globalConf))(() => ({}))
    return { app: () => ({}) }
  },
}

describe('servers of paste files, as PasteDeploy was seen to load them', () => {
  it.each(readCases(import.meta.dirname, ['servers']))('$name', async ({ files, loads }) => {
    for (const load of loads) {
      expect.soft(await replay(files, load, { ops, recorder: new ServerRecorder() })).toEqual(load.expect)
    }
  })
})
