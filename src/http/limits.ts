/** What one request may cost before anybody has looked at it. Octets, line ends included; a size equal to its limit is refused, as by eventlet. */
export interface Limits {
  /** Request line → 414. */
  readonly max_url_len: number
  /** One field line → 431. */
  readonly max_header_line: number
  /** All field lines and the empty line → 431. This one is the largest size that passes. */
  readonly max_header_size: number
  /** Number of field lines; this many pass → 431. */
  readonly max_headers: number
  /** The body, 0 for no limit → 413. This one is the largest size that passes. */
  readonly max_body_size: number
}

/** A chunk's size and extensions: one line (RFC 9112 §7.1.1 asks for a limit). Octets. */
export const MAX_CHUNK_LINE = 4096
/** All extensions of one message. Octets. */
export const MAX_EXTENSIONS = 65_536
/** The trailer section of one message. Octets. */
export const MAX_TRAILERS = 8192
