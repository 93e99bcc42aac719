import { report, reportMissing } from '../lib/report.js'
import { showServer } from '../lib/resource.js'

/** uWebSockets.js, a server in C++: for scale. No filters; a parameter, JSON, and the fields it has by itself. */
const uws = await import('uwebsockets').then((module) => module.default, (error) => reportMissing(`${error.message}`))

uws
  ?.App()
  .get('/v2.1/servers/:id', (response, request) => {
    const body = JSON.stringify(showServer(request.getParameter(0) ?? ''))
    response.cork(() => response.writeHeader('content-type', 'application/json').end(body))
  })
  .listen('127.0.0.1', 0, (socket) => {
    if (socket === false) reportMissing('it could not listen')
    else report(uws.us_socket_local_port(socket))
  })
