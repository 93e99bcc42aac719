/** An option, of nova or oslo mostly, that says nothing to this runtime. `*` at the end of a group or as a name stands for anything. */
export interface AcceptedOption {
  readonly group: string
  readonly name: string
  readonly why: string
}

const NO_RECORDS = 'no service records are kept'
const NO_MESSAGING = 'there is no messaging'
const NO_PERIODIC = 'the API services run no periodic tasks'
const LOGS_TO_STDOUT = 'the log goes to standard output'
const USE_LOG_LEVEL = 'log_level says how much is logged'
const USE_PROXY_FILTER = 'egg:millrace#http_proxy_to_wsgi reads what proxies say, from trusted_proxies alone'

/** Accepted, so that a configuration written for nova, or for a later version, can be used as it is; a line at level info says that they have no effect. */
export const ACCEPTED_OPTIONS: readonly AcceptedOption[] = [
  { group: 'DEFAULT', name: 'report_interval', why: NO_RECORDS },
  { group: 'DEFAULT', name: 'service_down_time', why: NO_RECORDS },
  { group: 'DEFAULT', name: 'servicegroup_driver', why: NO_RECORDS },
  { group: 'DEFAULT', name: 'periodic_enable', why: NO_PERIODIC },
  { group: 'DEFAULT', name: 'periodic_fuzzy_delay', why: NO_PERIODIC },
  { group: 'DEFAULT', name: 'run_external_periodic_tasks', why: NO_PERIODIC },
  { group: 'DEFAULT', name: 'transport_url', why: NO_MESSAGING },
  { group: 'DEFAULT', name: 'control_exchange', why: NO_MESSAGING },
  { group: 'DEFAULT', name: 'rpc_response_timeout', why: NO_MESSAGING },
  { group: 'DEFAULT', name: 'executor_thread_pool_size', why: NO_MESSAGING },
  { group: 'DEFAULT', name: 'rpc_conn_pool_size', why: NO_MESSAGING },
  { group: 'DEFAULT', name: 'conn_pool_min_size', why: NO_MESSAGING },
  { group: 'DEFAULT', name: 'conn_pool_ttl', why: NO_MESSAGING },
  { group: 'oslo_messaging_*', name: '*', why: NO_MESSAGING },
  { group: 'DEFAULT', name: 'debug', why: USE_LOG_LEVEL },
  { group: 'DEFAULT', name: 'log_dir', why: LOGS_TO_STDOUT },
  { group: 'DEFAULT', name: 'use_stderr', why: LOGS_TO_STDOUT },
  { group: 'DEFAULT', name: 'secure_proxy_ssl_header', why: USE_PROXY_FILTER },
  { group: 'wsgi', name: 'secure_proxy_ssl_header', why: USE_PROXY_FILTER },
  { group: 'api', name: 'auth_strategy', why: 'the paste file says which filters authenticate' },
]

/** The row for `[group] name`; without a name, any row of that group. */
export function findAccepted(group: string, name?: string): AcceptedOption | undefined {
  return ACCEPTED_OPTIONS.find((row) => {
    const sameGroup = row.group.endsWith('*') ? group.startsWith(row.group.slice(0, -1)) : row.group === group
    return sameGroup && (name === undefined || row.name === '*' || row.name === name)
  })
}
