import { ConfigError } from '../../errors.ts'

/** Where a urlmap's key says an app belongs. */
export interface PathExpression {
  /** `example.org` or `example.org:8080` in lower case; null for every host. */
  readonly host: string | null
  /** Starts with `/`. */
  readonly path: string
}

type Word = 'domain' | 'port' | 'path'

const VALUES = { domain: 'domain name', port: 'port number' } as const

/**
 * Reads a key of Paste's urlmap: `domain D`, `port P` and one path, in any order, or `http://D:P/path`; `/` when there is no path.
 * @throws ConfigError
 */
export function parsePathExpression(expression: string): PathExpression {
  const { domain, port, path = '/' } = readWords(expression)
  if (port !== undefined && domain === undefined) throw problem(expression, 'If you give a port, you must also give a domain')
  if (port !== undefined && !/^\d+$/.test(port)) throw problem(expression, `'port' must be followed with a number (got '${port}')`)
  return splitUrl(domain === undefined ? path : urlOf(domain, port, path), expression)
}

/** After a domain a path may come without its slash. */
function urlOf(domain: string, port: string | undefined, path: string): string {
  return `http://${domain}${port === undefined ? '' : `:${port}`}${path.startsWith('/') ? path : `/${path}`}`
}

/** `https://` says no more than `http://`, as in Paste. */
function splitUrl(url: string, expression: string): PathExpression {
  const [, host, path = '/'] = /^https?:\/\/([^/]*)(\/.*)?$/s.exec(url) ?? []
  if (host !== undefined) return { host: host.toLowerCase(), path }
  if (!url.startsWith('/')) throw problem(expression, `URL fragments must start with / or http:// (you gave '${url}')`)
  return { host: null, path: url }
}

function readWords(expression: string): Partial<Record<Word, string>> {
  const found: Partial<Record<Word, string>> = {}
  const tokens = expression.split(/\s+/).filter(Boolean)[Symbol.iterator]()
  for (const token of tokens) {
    if (token === 'domain' || token === 'port') {
      setOnce(found, token, readValue(expression, token, tokens), expression)
    } else {
      setOnce(found, 'path', token, expression)
    }
  }
  return found
}

function readValue(expression: string, word: keyof typeof VALUES, tokens: Iterator<string, undefined>): string {
  const { value } = tokens.next()
  if (value === undefined) throw problem(expression, `'${word}' must be followed with a ${VALUES[word]}`)
  return value
}

function setOnce(found: Partial<Record<Word, string>>, word: Word, value: string, expression: string): void {
  const have = found[word]
  if (have !== undefined) {
    throw problem(expression, word === 'path' ? `more than one path given (have '${have}', got '${value}')` : `'${word}' given twice`)
  }
  found[word] = value
}

function problem(option: string, message: string): ConfigError {
  return new ConfigError({ message, option, expected: '"/path", or "domain NAME [port NUMBER] /path"' })
}
