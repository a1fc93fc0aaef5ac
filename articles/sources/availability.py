"""Check whether the page of a source is still online.

The URLs are untrusted, so requests must never reach a private network (SSRF): only http and https on their default
ports are requested, every IP address of the host must be public, and the connection uses one of these without
resolving the name again. The same applies to redirects. Only the status and the headers of a response are read.
"""

import errno
import socket
import ssl
from collections.abc import Callable, Sequence
from enum import Enum
from functools import cache
from http.client import HTTPConnection, HTTPException
from ipaddress import IPv6Address, IPv6Network, ip_address
from threading import Timer
from typing import NamedTuple
from urllib.parse import quote, urljoin, urlsplit

MAX_REDIRECTS = 5
MAX_URL_LENGTH = 2000
# In seconds: for one step, and for one request.
STEP_TIMEOUT, REQUEST_TIMEOUT = 10, 20
PORTS = {"http": 80, "https": 443}
REDIRECTS = {301, 302, 303, 307, 308}
# The page may be online, but does not answer this request, or not now.
INCONCLUSIVE = {401, 402, 403, 405, 407, 408, 425, 429, 451, 501, 503}
# Errors of this server or its network.
OUR_ERRORS = {errno.ENETUNREACH, errno.ENETDOWN, errno.EHOSTUNREACH, errno.EMFILE, errno.ENFILE, errno.EADDRNOTAVAIL}
_PUBLIC_V6 = IPv6Network("2000::/3")
_SAFE = "/%:@!$&'()*+,;=~-._?[]"


class Outcome(Enum):
    FOUND = "found"
    MISSING = "missing"
    UNKNOWN = "unknown"


class RefusedError(Exception):
    """The URL must not be requested."""


class Target(NamedTuple):
    scheme: str
    host: str
    path: str


Resolve = Callable[[str, int], Sequence[str]]
Connect = Callable[[tuple[str, int], float], socket.socket]


def resolve_host(host: str, port: int) -> list[str]:
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def check(
    url: str,
    *,
    user_agent: str,
    wait: Callable[[str], None] = lambda host: None,
    resolve: Resolve = resolve_host,
    connect: Connect = socket.create_connection,
) -> Outcome:
    """Return whether the page at `url` is online. Makes a HEAD request, and a GET request if that fails.

    `wait` is called with the host before each request.
    """
    try:
        for _redirect in range(MAX_REDIRECTS + 1):
            target = target_of(url)
            try:
                status, location = _request("HEAD", target, user_agent, wait, resolve, connect)
            except (ConnectionError, HTTPException):  # from servers that do not support HEAD
                status, location = 501, None
            if status >= 400:
                status, location = _request("GET", target, user_agent, wait, resolve, connect)
            if status in REDIRECTS and location:
                url = urljoin(url, location)
                continue
            return _outcome(status)
    except RefusedError:
        return Outcome.UNKNOWN
    except socket.gaierror as error:
        return Outcome.MISSING if error.errno in {socket.EAI_NONAME, socket.EAI_NODATA} else Outcome.UNKNOWN
    except (OSError, HTTPException, ValueError) as error:
        return Outcome.UNKNOWN if getattr(error, "errno", None) in OUR_ERRORS else Outcome.MISSING
    return Outcome.UNKNOWN


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
    query = f"?{parts.query}" if parts.query else ""
    return Target(parts.scheme, host, quote(f"{parts.path or '/'}{query}", safe=_SAFE, errors="replace"))


def is_public(address: str) -> bool:
    """Return whether an IP address is on the public internet. IPv6 addresses that embed an IPv4 address are not."""
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, IPv6Address) and (ip not in _PUBLIC_V6 or ip.sixtofour or ip.teredo):
        return False
    return ip.is_global and not ip.is_multicast


def _request(
    method: str, target: Target, user_agent: str, wait: Callable[[str], None], resolve: Resolve, connect: Connect
) -> tuple[int, str | None]:
    """Return the status and the location of the response."""
    wait(target.host)
    port = PORTS[target.scheme]
    addresses = resolve(target.host, port)
    if not addresses or not all(is_public(address) for address in addresses):
        raise RefusedError(target.host)
    connection = HTTPConnection(target.host, port, timeout=STEP_TIMEOUT)
    connection.sock = connect((addresses[0], port), STEP_TIMEOUT)
    # A total timeout: a slow server could send single bytes forever.
    deadline = Timer(REQUEST_TIMEOUT, _shut_down, [connection])
    deadline.daemon = True
    deadline.start()
    try:
        if target.scheme == "https":
            connection.sock = _tls().wrap_socket(
                connection.sock, server_hostname=target.host, do_handshake_on_connect=False
            )
            connection.sock.do_handshake()
        headers = {"Host": target.host, "User-Agent": user_agent, "Accept": "*/*", "Connection": "close"}
        connection.request(method, target.path, headers=headers)
        response = connection.getresponse()
        return response.status, response.headers.get("Location")
    finally:
        deadline.cancel()
        connection.close()


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


def _shut_down(connection: HTTPConnection) -> None:
    try:
        connection.sock.shutdown(socket.SHUT_RDWR)
    except (OSError, AttributeError):
        pass  # closed by now


def _outcome(status: int) -> Outcome:
    if status < 400:
        return Outcome.FOUND if status < 300 else Outcome.UNKNOWN
    return Outcome.UNKNOWN if status in INCONCLUSIVE else Outcome.MISSING
