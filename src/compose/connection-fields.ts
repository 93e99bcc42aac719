/** Fields about the connection, which is the server's (RFC 9110 §7.6.1); trailers are not sent, so none are announced. */
const OF_CONNECTION = new Set(['connection', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade'])

/** True for a field that another server would have read itself. An app may say that the connection is to close: that is passed on. */
export function isOfConnection(name: string, value: string): boolean {
  return OF_CONNECTION.has(name) && !(name === 'connection' && /^close$/i.test(value))
}
