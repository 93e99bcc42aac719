/** An option under the name it has in nova or oslo.service. */
export interface OptionAlias {
  readonly group: string
  readonly name: string
  /** The option of `[wsgi]` it sets. */
  readonly option: string
  /** Values that are written otherwise there; keys in lower case. */
  readonly values?: ReadonlyMap<string, string>
}

/** oslo names one version; the options here name the oldest, and nothing below 1.2 is spoken. */
const TLS_VERSIONS: ReadonlyMap<string, string> = new Map([['sslv23', 'TLSv1.2'], ['tlsv1_2', 'TLSv1.2'], ['tlsv1_3', 'TLSv1.3']])

/** Accepted without a word. Where a file has both, the name of the option table wins, as in oslo.config. */
export const OPTION_ALIASES: readonly OptionAlias[] = [
  { group: 'DEFAULT', name: 'api_paste_config', option: 'api_paste_config' },
  { group: 'DEFAULT', name: 'wsgi_log_format', option: 'wsgi_log_format' },
  { group: 'DEFAULT', name: 'ssl_ca_file', option: 'ssl_ca_file' },
  { group: 'DEFAULT', name: 'ssl_cert_file', option: 'ssl_cert_file' },
  { group: 'DEFAULT', name: 'ssl_key_file', option: 'ssl_key_file' },
  { group: 'DEFAULT', name: 'tcp_keepidle', option: 'tcp_keepidle' },
  { group: 'DEFAULT', name: 'wsgi_default_pool_size', option: 'default_pool_size' },
  { group: 'DEFAULT', name: 'max_header_line', option: 'max_header_line' },
  { group: 'DEFAULT', name: 'wsgi_keep_alive', option: 'keep_alive' },
  { group: 'DEFAULT', name: 'client_socket_timeout', option: 'client_socket_timeout' },
  { group: 'DEFAULT', name: 'wsgi_server_debug', option: 'debug' },
  { group: 'ssl', name: 'ca_file', option: 'ssl_ca_file' },
  { group: 'ssl', name: 'cert_file', option: 'ssl_cert_file' },
  { group: 'ssl', name: 'key_file', option: 'ssl_key_file' },
  { group: 'ssl', name: 'ciphers', option: 'ssl_ciphers' },
  { group: 'ssl', name: 'version', option: 'ssl_min_version', values: TLS_VERSIONS },
]
