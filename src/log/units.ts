/** Seconds of each, and of the one above it. */
const UNITS = [['d', 86_400, Number.POSITIVE_INFINITY], ['h', 3600, 86_400], ['m', 60, 3600], ['s', 1, 60]] as const

/** `3 d 4 h`, `5 m 20 s`, `12 s`; below ten seconds `0.4 s`. */
export function formatSeconds(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`
  const whole = Math.round(seconds)
  const first = UNITS.findIndex(([, size]) => whole >= size)
  return UNITS.slice(first, first + 2).map(([unit, size, above]) => `${Math.floor((whole % above) / size)} ${unit}`).join(' ')
}

/** `812 KiB`, `48.2 MiB`, `1.3 GiB`. */
export function formatOctets(octets: number): string {
  if (octets < 2 ** 20) return `${Math.round(octets / 1024)} KiB`
  return octets < 2 ** 30 ? `${(octets / 2 ** 20).toFixed(1)} MiB` : `${(octets / 2 ** 30).toFixed(1)} GiB`
}
