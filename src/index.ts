/** What apps and filters are written with. */
export { apiService } from './api.ts'
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
export type { FetchEnv } from './compose/fetch-app.ts'
export { ContractError } from './compose/lint/contract-error.ts'
export { lintApp } from './compose/lint.ts'
export type { ComposedSection, CompositionObserver } from './compose/observer.ts'
export { composePipeline } from './compose/pipeline.ts'
export { URLMap } from './compose/urlmap.ts'
export { type Config, type ConfigRequest, loadConfig } from './config/load.ts'
export { ConfigError, type ConfigProblem, HttpError, type HttpErrorOptions, TransportError } from './errors.ts'
export { type EventName, type Events, type ListeningApi, type LoggedRequest, type RequestRecord, type ShownFields, type ShownRequest, subscribe, type TimedPart } from './events.ts'
export { asBool, asCount, asInt, asList, asOneOf, asSeconds, asText, type Converter, type OptionTable, readOptions } from './middleware/converters.ts'
export type { RequestContext } from './middleware/request-context.ts'
export { Loader, type LoaderOptions, PasteAppNotFound } from './paste/loader.ts'
export type { BuiltinRegistry, BuiltinRow } from './paste/registry.ts'
export { ApiVersion, versionOf } from './router/api-version.ts'
export type { VersionOptions } from './router/negotiation.ts'
export type { Requirements } from './router/path-pattern.ts'
export type { ActionInput, Controller, ParentResource, ResourceOptions } from './router/resource.ts'
export type { Route, RouteHandler, RouteInput, RouteOptions, RouteSchemas } from './router/route.ts'
export { Router, type RouterOptions } from './router/router.ts'
export type { RequestFault } from './router/schemas.ts'
export type { UrlOptions, UrlParams } from './router/url.ts'
