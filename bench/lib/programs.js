import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { Missing } from './missing.js'
import { ID, showServer } from './resource.js'
import { scratch, writeScratch } from './scratch.js'

const EVENTLET = fileURLToPath(new URL('../servers/eventlet_wsgi.py', import.meta.url))

/** How nginx is started, with one worker, as all others here have one process. Throws Missing when it is not installed. */
export function nginxCommand() {
  const program = ['nginx', '/usr/sbin/nginx'].find((name) => runs(name, ['-v']))
  if (program === undefined) throw new Missing('nginx is not installed')
  return (/** @type {number} */ port) => [program, '-e', 'stderr', '-p', scratch, '-c', writeScratch('nginx.conf', nginxConf(port))]
}

/** A reply made of nothing, as canned; connections are not closed after the thousandth request. @param {number} port */
function nginxConf(port) {
  const folders = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${scratch}/${name};`).join('\n    ')
  return `daemon off;
worker_processes 1;
pid ${scratch}/nginx.pid;
events { worker_connections 1024; }
http {
    access_log off;
    keepalive_requests 1000000000;
    tcp_nodelay on;
    default_type application/json;
    ${folders}
    server {
        listen 127.0.0.1:${port};
        location / { return 200 '${JSON.stringify(showServer(ID))}'; }
    }
}
`
}

/** How eventlet is started. Throws Missing when no Python has it. */
export function eventletCommand() {
  const python = ['python3', '/usr/bin/python3'].find((name) => runs(name, ['-c', 'import eventlet.wsgi']))
  if (python === undefined) throw new Missing('eventlet is not installed')
  return (/** @type {number} */ port) => [python, EVENTLET, `${port}`]
}

/** @param {string} program @param {readonly string[]} args */
function runs(program, args) {
  return spawnSync(program, args, { stdio: 'ignore' }).status === 0
}
