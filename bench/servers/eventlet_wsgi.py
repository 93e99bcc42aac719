"""The same JSON for eventlet.wsgi, the server nova and the others run on: for scale. No filters, no log."""
import json
import sys

import eventlet
import eventlet.wsgi


def app(environ, start_response):
    body = json.dumps({"server": {"id": "42", "name": "web-1", "status": "ACTIVE", "flavor": {"id": "1"}}}, separators=(",", ":")).encode()
    start_response("200 OK", [("content-type", "application/json"), ("content-length", str(len(body)))])
    return [body]


eventlet.wsgi.server(eventlet.listen(("127.0.0.1", int(sys.argv[1]))), app, log_output=False)
