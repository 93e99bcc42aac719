interface Service {
  readonly type?: string
  readonly name?: string
  readonly endpoints?: readonly Endpoint[]
}

interface Endpoint {
  readonly region?: string | null
  readonly interface?: string
  readonly url?: string
}

/** X-Service-Catalog: Keystone's catalog in the form of its API v2, which has one entry for each region with a URL for each interface. */
export function catalogField(catalog: readonly Service[]): string {
  return JSON.stringify(catalog.map(({ type, name, endpoints = [] }) => ({ type, name, endpoints: byRegion(endpoints) })))
}

function byRegion(endpoints: readonly Endpoint[]): object[] {
  const regions = new Map<string, Record<string, unknown>>()
  for (const { region, interface: kind = '', url } of endpoints) {
    const key = region ?? ''
    const entry = regions.get(key) ?? (key === '' ? {} : { region: key })
    regions.set(key, { ...entry, [`${kind.toLowerCase()}URL`]: url })
  }
  return [...regions.values()]
}
