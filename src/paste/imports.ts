import type { Context, FactoryContext } from './context.ts'
import { gatherAsync } from './gather.ts'

/** Imports what a context needs, so that building it does not end at the first module that is wrong. Rejects with {@link ConfigError}. */
export async function importFactories(context: Context): Promise<void> {
  await gatherAsync([...factoriesOf(context)].map(({ factory }) => () => factory.load()))
}

/** In the order that they are built in. */
function* factoriesOf(context: Context): Generator<FactoryContext> {
  if (context.form === 'factory') {
    yield context
    for (const { members } of context.mounts ?? []) for (const member of members) yield* factoriesOf(member)
    return
  }
  if (context.form !== 'filters') yield* factoriesOf(context.app)
  for (const filter of context.filters) yield* factoriesOf(filter)
}
