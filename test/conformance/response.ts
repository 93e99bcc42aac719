/** One response as it came, interim or final. */
export interface Response {
  readonly status: number
  /** Names in lower case; repeated fields are joined with `, `. */
  readonly fields: ReadonlyMap<string, string>
  /** What is wrong with its head (see lint.ts). */
  readonly faults: readonly string[]
  /** One character for each octet, as far as it has come. */
  body: string
  complete: boolean
}

/** What the echo app says of a request. */
export interface Echo {
  readonly method?: string
  readonly path?: string
  readonly bodyLength?: number
  readonly bodySha1?: string
}

/** Empty when it is not the app that answered. */
export function echoOf({ body }: Response): Echo {
  try {
    return (JSON.parse(body) as Echo | null) ?? {}
  } catch {
    return {}
  }
}
