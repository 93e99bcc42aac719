import type { App } from '../app.ts'

/** The section that made an app or a filter. */
export interface ComposedSection {
  /** Without its prefix; the URI that stands in its place where there is none. */
  readonly name: string
  readonly file: string
  readonly line: number | undefined
}

/** Sees every app where it is composed. What it returns takes the app's place. */
export interface CompositionObserver {
  /** `app` is what this section's factory made, or its filter; `inner` are the apps that it may pass requests on to. */
  composed(section: ComposedSection, app: App, inner: readonly App[]): App
  /** `app` is the whole that was asked for. */
  loaded(app: App): App
}

/** Leaves everything as it is. */
export const NO_OBSERVER: CompositionObserver = { composed: (_section, app) => app, loaded: (app) => app }
