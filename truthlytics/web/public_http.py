"""Requests to URLs that people enter, which must never reach a private network (SSRF).

Only http and https on their default ports are requested, every IP address of the host must be public, and the
connection uses one of these without resolving the name again. Redirects are not followed: callers pass the location to
`target_of` and `open_response` as well, so that the same applies to it. Development and tests may allow this machine.
"""

import re
import socket
import ssl
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from http.client import HTTPConnection, HTTPException, HTTPResponse
from ipaddress import IPv6Address, IPv6Network, ip_address
from threading import Timer
from typing import NamedTuple
from urllib.parse import quote, urlsplit

MAX_REDIRECTS = 5
MAX_URL_LENGTH = 2000
# In seconds: for one step, and for one request.
STEP_TIMEOUT, REQUEST_TIMEOUT = 10, 20
PORTS = {"http": 80, "https": 443}
REDIRECTS = {301, 302, 303, 307, 308}
_PUBLIC_V6 = IPv6Network("2000::/3")
_SAFE = "/%:@!$&'()*+,;=~-._?[]"
_THIS_MACHINE = re.compile(r"http://(localhost|127\.0\.0\.1):([0-9]{1,5})(/[^\s]*)?")
# Bytes of an answer to `post`.
MAX_ANSWER = 64 * 1024


class RefusedError(Exception):
    """The URL must not be requested."""


class RequestError(Exception):
    """A server did not answer, or must not be asked. The message says why."""


class Target(NamedTuple):
    scheme: str
    host: str
    path: str
    # Of a server on this machine; 0 for all others.
    local_port: int = 0


class Answer(NamedTuple):
    status: int
    content_type: str
    body: bytes


Resolve = Callable[[str, int], Sequence[str]]
Connect = Callable[[tuple[str, int], float], socket.socket]


def resolve_host(host: str, port: int) -> list[str]:
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


# The last part of an IP address. No domain ends like this.
_NUMBER = re.compile("[0-9]+|0x[0-9a-f]*")


def target_of(url: str) -> Target:
    """Parse `url`. Raises RefusedError if it must not be requested."""
    if len(url) > MAX_URL_LENGTH or any(character <= " " or character in "\\\x7f" for character in url):
        raise RefusedError(url)
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").rstrip(".").encode("idna").decode("ascii")
        own_port = parts.port in {None, PORTS.get(parts.scheme)}
    except ValueError as error:
        raise RefusedError(url) from error
    if parts.scheme not in PORTS or not own_port or "@" in parts.netloc or "." not in host or ":" in host:
        raise RefusedError(url)
    if _NUMBER.fullmatch(host.rpartition(".")[2]) and not is_public(host):
        raise RefusedError(url)
    query = f"?{parts.query}" if parts.query else ""
    return Target(parts.scheme, host, quote(f"{parts.path or '/'}{query}", safe=_SAFE, errors="replace"))


def local_target(url: str) -> Target | None:
    """Parse the URL of a server on this machine, as in development and tests."""
    match = _THIS_MACHINE.fullmatch(url)
    return Target("http", match[1], match[3] or "/", int(match[2])) if match else None


def is_public(address: str) -> bool:
    """Return whether an IP address is on the public internet. IPv6 addresses that embed an IPv4 address are not."""
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, IPv6Address) and (ip not in _PUBLIC_V6 or ip.sixtofour or ip.teredo):
        return False
    return ip.is_global and not ip.is_multicast


@contextmanager
def open_response(
    method: str,
    target: Target,
    *,
    user_agent: str,
    accept: str = "*/*",
    body: bytes | None = None,
    content_type: str = "",
    headers: Mapping[str, str] | None = None,
    seconds: float | None = None,
    resolve: Resolve = resolve_host,
    connect: Connect = socket.create_connection,
) -> Iterator[HTTPResponse]:
    """Send a request, with a body if there is one, and yield the response, of which only the headers were read.

    The connection is cut off after `seconds`, REQUEST_TIMEOUT by default. Raises RefusedError if an address of the
    host is not public, OSError or HTTPException if the request fails.
    """
    port = target.local_port or PORTS[target.scheme]
    addresses = ["127.0.0.1"] if target.local_port else resolve(target.host, port)
    if not target.local_port and (not addresses or not all(is_public(address) for address in addresses)):
        raise RefusedError(target.host)
    connection = HTTPConnection(target.host, port, timeout=STEP_TIMEOUT)
    connection.sock = connect((addresses[0], port), STEP_TIMEOUT)
    # A total timeout: a slow server could send single bytes forever.
    deadline = Timer(REQUEST_TIMEOUT if seconds is None else seconds, _shut_down, [connection.sock])
    deadline.daemon = True
    deadline.start()
    try:
        if target.scheme == "https":
            connection.sock = _tls().wrap_socket(
                connection.sock, server_hostname=target.host, do_handshake_on_connect=False
            )
            deadline.args = [connection.sock]
            connection.sock.do_handshake()
        sent = {"Host": target.host, "User-Agent": user_agent, "Accept": accept, "Connection": "close"}
        sent |= {"Content-Type": content_type} if body else {}
        connection.request(method, target.path, body, sent | dict(headers or {}))
        with connection.getresponse() as response:
            yield response
    finally:
        deadline.cancel()
        connection.close()


def post(
    url: str,
    body: bytes,
    *,
    content_type: str,
    user_agent: str,
    accept: str = "*/*",
    headers: Mapping[str, str] | None = None,
    seconds: float | None = None,
    schemes: Sequence[str] = ("https",),
    allow_local: bool = False,
    resolve: Resolve = resolve_host,
    connect: Connect = socket.create_connection,
) -> Answer:
    """Post `body` and return the answer, also one that reports an error. Redirects are answers like others.

    Raises RequestError if the server does not answer in time or with more than MAX_ANSWER bytes, or must not be asked.
    """
    try:
        target = (local_target(url) if allow_local else None) or target_of(url)
        if target.scheme not in schemes and not target.local_port:
            raise RefusedError(url)
        request = open_response(
            "POST", target, user_agent=user_agent, accept=accept, body=body, content_type=content_type,
            headers=headers, seconds=seconds, resolve=resolve, connect=connect,
        )  # fmt: skip
        with request as response:
            content = response.read(MAX_ANSWER + 1)
            # A connection that was cut off ends like a complete one.
            if len(content) > MAX_ANSWER or response.length:
                raise RequestError("The answer is too long or incomplete.")
            return Answer(response.status, response.headers.get_content_type(), content)
    except RefusedError as error:
        raise RequestError("This address is not public.") from error
    except (OSError, HTTPException, ValueError) as error:
        raise RequestError(str(error) or type(error).__name__) from error


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


def _shut_down(sock: socket.socket) -> None:
    try:
        sock.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass  # closed by now
