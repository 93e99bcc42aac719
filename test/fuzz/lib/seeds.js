// @ts-check
/** Requests from which inputs are made: right ones of every form. Text, one character an octet. */
export const seeds = [
  'GET / HTTP/1.1\r\nHost: a\r\n\r\n',
  '\r\nGET /a%20b?c=d HTTP/1.1\r\nHost: a.example:80\r\nAccept: */*\r\nX:\r\n\r\n',
  'GET / HTTP/1.0\r\n\r\nGET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n',
  'OPTIONS * HTTP/1.1\r\nHost: [::1]:8080\r\nConnection: foo, close\r\n\r\n',
  'GET http://b.example/c HTTP/1.1\r\nHost: a\r\n\r\n',
  'HEAD / HTTP/1.7\r\nhost:a\r\nCookie: a=b\r\nCookie: \t\xe9 \r\n\r\n',
  'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhelloGET / HTTP/1.1\r\nHost: a\r\n\r\n',
  'PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 12\r\nExpect: 100-continue\r\n\r\nhello, world',
  'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n',
  'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
  'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n' +
    '5;a=b;c="d\\"e" ; f\r\nhello\r\n00A\r\n01234567\r\n\r\n0\r\nX: y\r\nZ:\r\n\r\n',
]

/** What is put into them: the words, marks and limits a reader must not stumble over. */
export const words = [
  '\r\n', '\r', '\n', '\r\n\r\n', ' ', '\t', ':', ',', ';', '"', '\\', '=', '/', '*', '?', '#', '%', '\0', '\x7f', '\x80', '\x85', '\xa0',
  '\xff', '-', '+', '0x', '_',
  '0', '1', '5', '00', 'a', 'f', 'G', '10', 'ff', '9'.repeat(15), '9'.repeat(16), 'f'.repeat(13), '0'.repeat(14), 'fffffffffffffffff',
  'GET', 'CONNECT', 'OPTIONS', 'http://', 'https://', 'HTTP/1.1', 'HTTP/1.0', 'HTTP/2.0', 'HTTP/1.10', ' HTTP/1.1\r\n', '[::1]', 'a:b', '@',
  'Host: a\r\n', 'Host: b\r\n', 'Content-Length: 5\r\n', 'Content-Length: 0\r\n', 'Transfer-Encoding: chunked\r\n',
  'Transfer-Encoding: gzip\r\n', 'Connection: close\r\n',
  'Connection: keep-alive\r\n', 'Expect: 100-continue\r\n', 'Expect: x\r\n', 'chunked', ', chunked', 'close', 'keep-alive', 'X: y\r\n',
  'X : y\r\n', ' folded\r\n', 'no colon\r\n',
  '5\r\nhello\r\n', '0\r\n\r\n', '0\r\nX: y\r\n\r\n', ';a="b"', ';a', 'a'.repeat(50), 'a'.repeat(130), 'a'.repeat(4100),
  '\r\nX: y'.repeat(40), 'y'.repeat(8200),
]
