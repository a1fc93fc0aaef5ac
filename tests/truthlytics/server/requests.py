"""Calls of a WSGI application."""

from io import BytesIO


def call(application, method, body=None, **environ):
    """Return the status code, body and headers of the response."""
    started = []
    environ = {"REQUEST_METHOD": method, "PATH_INFO": "/", "wsgi.input": body or BytesIO()} | environ
    response = application(environ, lambda status, headers, *_: started.append((status, dict(headers))))
    return started[0][0][:3], b"".join(response), started[0][1]


def post(application, body, length=None, **environ):
    length = len(body.getvalue()) if length is None else length
    return call(application, "POST", body, CONTENT_LENGTH=str(length), **environ)
