/** `[DEFAULT]`: the process's options. */
export const DEFAULT_OPTIONS = [
  { name: 'enabled_apis', type: 'list', default: '', mutable: false,
    help: 'the APIs to serve, each a section of the paste file' },
  { name: 'enabled_ssl_apis', type: 'list', default: '', mutable: false,
    help: 'those of them that speak TLS' },
  { name: 'accept_policy', type: 'enum', choices: ['least'], default: 'least', mutable: false,
    help: 'which worker gets a new connection: the ready one with the least load' },
  { name: 'graceful_shutdown_timeout', type: 'seconds', default: '60', mutable: true,
    help: 'from the request to stop until what is still in flight is cut; 0 waits for ever' },
  { name: 'drain_delay', type: 'seconds', default: '0', mutable: true,
    help: 'how long a stopping server still takes new connections, so that load balancers see its health check fail first' },
  { name: 'idle_linger', type: 'seconds', default: '5', mutable: true,
    help: 'how long a stopping server still answers requests that arrive on idle connections' },
  { name: 'log_level', type: 'enum', choices: ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], default: 'info',
    mutable: true,
    help: 'the least severe lines to log' },
  { name: 'log_format', type: 'enum', choices: ['auto', 'pretty', 'json'], default: 'auto', mutable: false,
    help: 'auto is pretty on a terminal and json elsewhere' },
  { name: 'log_options', type: 'boolean', default: 'true', mutable: false,
    help: 'logs every option at level debug when serving begins' },
] as const

/** `[DEFAULT]`, once per API: the name is preceded by the API's and an underscore. */
export const API_OPTIONS = [
  { name: 'listen', type: 'address', default: '0.0.0.0', mutable: false,
    help: 'an IPv4 or IPv6 address, a host name, or `unix:/path`' },
  { name: 'listen_port', type: 'port', default: '0', defaults: [['osapi_compute', '8774'], ['metadata', '8775']], mutable: false,
    help: 'the TCP port; 0 takes any free one' },
  { name: 'workers', type: 'integer', min: 1, default: null, mutable: false,
    complaint: '%(name)s value of %(value)s is invalid, must be greater than 0',
    help: 'worker processes; as many as the machine runs at once when not set' },
] as const
