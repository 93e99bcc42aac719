/** One way a message can be wrong: what is answered, and who says so. */
export interface ProtocolError {
  readonly status: number
  /** For the client and the log. */
  readonly reason: string
  readonly clause: string
}

/**
 * Every protocol error has one row. After each the connection closes: where a message's end is in doubt, what follows
 * may be somebody's smuggled request (RFC 9112 §11.2).
 */
export const protocolErrors = {
  requestLineTooLong: { status: 414, reason: 'the request line is too long', clause: 'RFC 9112 §3' },
  badRequestLine: { status: 400, reason: 'malformed request line', clause: 'RFC 9112 §3' },
  badVersion: { status: 505, reason: 'HTTP/1.0 and HTTP/1.1 are served here', clause: 'RFC 9110 §15.6.6' },
  badTarget: { status: 400, reason: 'malformed request target', clause: 'RFC 9112 §3.2' },
  connectRefused: { status: 501, reason: 'CONNECT is not served here', clause: 'RFC 9110 §9.3.6' },
  missingHost: { status: 400, reason: 'the Host field is missing', clause: 'RFC 9112 §3.2' },
  repeatedHost: { status: 400, reason: 'more than one Host field', clause: 'RFC 9112 §3.2' },
  badHost: { status: 400, reason: 'malformed Host field', clause: 'RFC 9112 §3.2' },
  badField: { status: 400, reason: 'malformed header field', clause: 'RFC 9112 §5' },
  foldedField: { status: 400, reason: 'a folded header field', clause: 'RFC 9112 §5.2' },
  bareLineEnd: { status: 400, reason: 'a line that does not end in CRLF', clause: 'RFC 9112 §2.2' },
  fieldTooLong: { status: 431, reason: 'a header field is too long', clause: 'RFC 6585 §5' },
  fieldsTooLarge: { status: 431, reason: 'the header section is too large', clause: 'RFC 6585 §5' },
  tooManyFields: { status: 431, reason: 'too many header fields', clause: 'RFC 6585 §5' },
  badContentLength: { status: 400, reason: 'malformed Content-Length', clause: 'RFC 9112 §6.3' },
  repeatedContentLength: { status: 400, reason: 'more than one Content-Length', clause: 'RFC 9112 §6.3' },
  lengthAndCoding: { status: 400, reason: 'Content-Length and Transfer-Encoding together', clause: 'RFC 9112 §6.1' },
  codingInOldVersion: { status: 400, reason: 'Transfer-Encoding in HTTP/1.0', clause: 'RFC 9112 §6.1' },
  chunkedNotFinal: { status: 400, reason: 'the final transfer coding is not chunked', clause: 'RFC 9112 §6.3' },
  unknownCoding: { status: 501, reason: 'unknown transfer coding', clause: 'RFC 9112 §6.1' },
  unknownExpectation: { status: 417, reason: 'unknown expectation', clause: 'RFC 9110 §10.1.1' },
  bodyTooLarge: { status: 413, reason: 'the body is too large', clause: 'RFC 9110 §15.5.14' },
  badChunk: { status: 400, reason: 'malformed chunk', clause: 'RFC 9112 §7.1' },
  chunkLineTooLong: { status: 400, reason: 'a chunk size line is too long', clause: 'RFC 9112 §7.1.1' },
  extensionsTooLarge: { status: 413, reason: 'too many chunk extensions', clause: 'RFC 9112 §7.1.1' },
  badTrailer: { status: 400, reason: 'malformed trailer field', clause: 'RFC 9112 §7.1.2' },
  trailersTooLarge: { status: 431, reason: 'the trailer section is too large', clause: 'RFC 6585 §5' },
  incompleteHead: { status: 400, reason: 'the connection ended inside the header section', clause: 'RFC 9112 §8' },
  incompleteBody: { status: 400, reason: 'the connection ended inside the body', clause: 'RFC 9112 §8' },
  headTimeout: { status: 408, reason: 'the request did not arrive in time', clause: 'RFC 9110 §15.5.9' },
  bodyTimeout: { status: 408, reason: 'the body did not arrive in time', clause: 'RFC 9110 §15.5.9' },
} as const
