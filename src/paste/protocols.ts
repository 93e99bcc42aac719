import type { AppFactory, CompositeFactory, Conf, FilterAppFactory, FilterFactory, ServerFactory, ServerRunner } from '../app.ts'

/** A factory and how it is called. */
export type Builtin =
  | { readonly kind: 'app'; readonly factory: AppFactory }
  | {
      readonly kind: 'composite'
      readonly factory: CompositeFactory
      /** Which of its settings is the pipeline that this factory will make. */
      readonly chooses?: (globalConf: Conf, localConf: Conf) => string
    }
  | { readonly kind: 'filter'; readonly factory: FilterFactory }
  | { readonly kind: 'filter_app'; readonly factory: FilterAppFactory }
  | { readonly kind: 'server'; readonly factory: ServerFactory }
  | { readonly kind: 'server_runner'; readonly factory: ServerRunner }

export type FactoryKind = Builtin['kind']

/** What can be loaded, with the factories that make it. */
interface FactoriesOf {
  app: Extract<Builtin, { readonly kind: 'app' | 'composite' }>
  filter: Extract<Builtin, { readonly kind: 'filter' | 'filter_app' }>
  server: Extract<Builtin, { readonly kind: 'server' | 'server_runner' }>
}

export type LoadableType = keyof FactoriesOf
export type FactoryOf<T extends LoadableType> = FactoriesOf[T]
export type KindOf<T extends LoadableType> = FactoriesOf[T]['kind']

export const FACTORY_TYPES: { readonly [K in FactoryKind]: LoadableType } = {
  app: 'app',
  composite: 'app',
  filter: 'filter',
  filter_app: 'filter',
  server: 'server',
  server_runner: 'server',
}

export interface Protocol<T extends LoadableType = LoadableType> {
  /** The option that names the factory, and the key of an entry point that has several. */
  readonly key: string
  readonly kind: KindOf<T>
  /** Of the protocols of one group the first wins; to give two groups is an error. */
  readonly group: string
}

const PROTOCOLS: { readonly [T in LoadableType]: readonly Protocol<T>[] } = {
  app: [
    { key: 'paste.app_factory', kind: 'app', group: 'app' },
    { key: 'paste.composite_factory', kind: 'composite', group: 'composite' },
    { key: 'paste.composit_factory', kind: 'composite', group: 'composit' },
  ],
  filter: [
    { key: 'paste.filter_factory', kind: 'filter', group: 'filter' },
    { key: 'paste.filter_app_factory', kind: 'filter_app', group: 'filter' },
  ],
  server: [
    { key: 'paste.server_factory', kind: 'server', group: 'server' },
    { key: 'paste.server_runner', kind: 'server_runner', group: 'server' },
  ],
}

/** The protocols that `find` has a value for, one of each group, with that value. */
export function givenProtocols<T extends LoadableType, V>(type: T, find: (key: string) => V | undefined): (Protocol<T> & { value: V })[] {
  const given = PROTOCOLS[type].flatMap((protocol) => {
    const value = find(protocol.key)
    return value === undefined ? [] : [{ ...protocol, value }]
  })
  return given.filter(({ group }, index) => given.findIndex((other) => other.group === group) === index)
}

/** The options that may name a factory of this type. */
export function protocolKeys(type: LoadableType): string[] {
  return PROTOCOLS[type].map(({ key }) => key)
}

/** For messages. */
export const TYPE_NAMES: { readonly [T in LoadableType]: string } = { app: 'an app', filter: 'a filter', server: 'a server' }
