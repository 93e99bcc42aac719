/** Millrace's, for thousands of connections that stay as long as they are looked at. */
export const IDLE_SETTINGS = ['wsgi.max_connections=20000', 'wsgi.keepalive_timeout=600']
