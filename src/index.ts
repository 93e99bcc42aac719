/** What apps and filters are written with. */
export type {
  App,
  AppFactory,
  CompositeFactory,
  CompositeLoader,
  Conf,
  Filter,
  FilterAppFactory,
  FilterFactory,
  HeaderValue,
  HttpReply,
  HttpRequest,
  Peer,
  ReplyBody,
  RequestHeaders,
  RunningServer,
  Serve,
  ServerFactory,
  ServerInfo,
  ServerRunner,
  TlsInfo,
} from './app.ts'
export { builtins } from './builtins.ts'
export { ContractError } from './compose/contract-error.ts'
export { lintApp } from './compose/lint.ts'
export { composePipeline } from './compose/pipeline.ts'
export { URLMap } from './compose/urlmap.ts'
export { ConfigError, type ConfigProblem, HttpError, type HttpErrorOptions, TransportError } from './errors.ts'
export { type EventName, type Events, type ListeningApi, type RequestRecord, subscribe } from './events.ts'
export { asBool, asCount, asInt, asList, asText, type Converter, type OptionTable, readOptions } from './middleware/converters.ts'
export { Loader, type LoaderOptions, PasteAppNotFound } from './paste/loader.ts'
export type { BuiltinRegistry, BuiltinRow } from './paste/registry.ts'
export type { Controller, ParentResource, ResourceOptions } from './router/resource.ts'
export { type Route, Router, type RouterOptions } from './router/router.ts'
