"""Send hostile headers through the proxy of a site, and say in sentences what arrives and what to change."""

import http.client
import json
import ssl
from collections.abc import Iterator, Sequence
from typing import NamedTuple
from urllib.parse import SplitResult

from django.conf import settings

from truthlytics.server.proxy_echo import ECHO, PROBE, new_token
from truthlytics.web.hosts import own_host

TIMEOUT = 20
# Addresses that are reserved for documentation: no client has them.
FORGED = "198.51.100.7"
LARGE = 6 * 1024 * 1024

type Headers = Sequence[tuple[str, str]]


class Finding(NamedTuple):
    is_right: bool
    sentence: str


class UnreachableError(Exception):
    """The site does not answer as itself. The message is a sentence."""


class Proxy:
    """The proxy at an address."""

    def __init__(self, address: SplitResult, *, verify: bool = True) -> None:
        self.address = address
        self.verify = verify

    def send(self, method: str, target: str, headers: Headers = (), *, host: str = "", body: bytes = b"") -> bytes:
        """Return the body of the answer. Raises `http.client.HTTPException` or OSError, StatusError for an error."""
        connection = self._connect()
        try:
            connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
            connection.putheader("Host", host or self.address.netloc)
            for name, value in headers:
                connection.putheader(name, value)
            connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            response = connection.getresponse()
            content = response.read()
        finally:
            connection.close()
        if response.status != 200:
            raise StatusError(response.status)
        return content

    def seen(self, headers: Headers = (), *, host: str = "") -> dict[str, str] | None:
        """Return what the application saw of a request, None if it or the proxy refused it."""
        try:
            answer = json.loads(self.send("GET", f"{ECHO}?{new_token()}", headers, host=host))
        except (StatusError, http.client.HTTPException, OSError, ValueError):
            return None
        return {str(name): str(value) for name, value in answer.items()} if isinstance(answer, dict) else None

    def status(self, method: str, target: str, *, host: str = "", body: bytes = b"") -> int:
        """Return the status, 0 if the connection broke."""
        try:
            self.send(method, target, host=host, body=body)
        except StatusError as error:
            return error.status
        except (http.client.HTTPException, OSError):
            return 0
        return 200

    def _connect(self) -> http.client.HTTPConnection:
        name, port = str(self.address.hostname), self.address.port
        if self.address.scheme == "http":
            return http.client.HTTPConnection(name, port, timeout=TIMEOUT)
        context = ssl.create_default_context()
        if not self.verify:
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        return http.client.HTTPSConnection(name, port, timeout=TIMEOUT, context=context)


class StatusError(Exception):
    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


def check(proxy: Proxy) -> Iterator[Finding]:
    """Yield what was found. Raises UnreachableError."""
    yield from check_headers(proxy)
    yield large_bodies(proxy)


def check_headers(proxy: Proxy) -> Iterator[Finding]:
    """Yield what was found with small requests. Raises UnreachableError."""
    honest = proxy.seen()
    if honest is None:
        raise UnreachableError(
            f"{proxy.address.geturl()} does not answer as this site. Is it the address in SITE_URL, does it run this "
            "version with the same SECRET_KEY, and does its certificate hold (--insecure if you test with your own)?"
        )
    yield from addresses(proxy, honest)
    yield from schemes(proxy, honest)
    yield underscores(proxy)
    yield from hosts(proxy)


def addresses(proxy: Proxy, honest: dict[str, str]) -> Iterator[Finding]:
    arrived = [part for part in honest.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
    count = settings.TRUSTED_PROXY_COUNT
    right = len(arrived) == count
    sentence = f"{len(arrived)} addresses arrive in X-Forwarded-For, and TRUSTED_PROXY_COUNT is {count}."
    yield Finding(right, sentence if right else f"{sentence} Set it to the number of your own proxies.")
    for what, headers in (
        ("A list in X-Forwarded-For", [("X-Forwarded-For", f"{FORGED}, {FORGED}, {FORGED}")]),
        ("A second X-Forwarded-For", [("X-Forwarded-For", FORGED), ("X-Forwarded-For", FORGED)]),
        ("X_Forwarded_For", [("X_Forwarded_For", FORGED)]),
    ):
        seen = proxy.seen(headers)
        right = seen is None or seen["client"] == honest["client"]
        change = " Let the proxy replace this header or append to it, and drop headers with underscores."
        effect = "does not change the address" if right else "lets a client choose the address"
        yield Finding(right, f"{what} {effect} that limits of attempts count by.{'' if right else change}")


def schemes(proxy: Proxy, honest: dict[str, str]) -> Iterator[Finding]:
    own = settings.SITE_URL.partition(":")[0]
    arrived = honest.get("HTTP_X_FORWARDED_PROTO", "http")
    right = arrived == own
    sentence = f"X-Forwarded-Proto arrives as {arrived[:20]!r}, and SITE_URL has {own}."
    yield Finding(right, sentence if right else f"{sentence} Let the proxy set the header to the scheme of the client.")
    other = "http" if own == "https" else "https"
    seen = proxy.seen([("X-Forwarded-Proto", other)])
    right = seen is None or seen.get("HTTP_X_FORWARDED_PROTO", arrived) == arrived
    effect = "is replaced" if right else "arrives as a client sends it. Let the proxy set it"
    yield Finding(right, f"X-Forwarded-Proto of a client {effect}.")


def underscores(proxy: Proxy) -> Finding:
    seen = proxy.seen([("X_Truthlytics_Probe", "1")])
    if seen is None or PROBE not in seen:
        return Finding(True, "Headers with underscores do not arrive.")
    return Finding(
        False,
        "Headers with underscores arrive, and the application cannot tell X_Forwarded_For from X-Forwarded-For. Let "
        "the proxy drop them: nginx does by default (underscores_in_headers off), Traefik since April 2026.",
    )


def hosts(proxy: Proxy) -> Iterator[Finding]:
    name = str(proxy.address.hostname)
    for host in ("proxy-check.invalid", f"{name}:1", f"{name}."):
        seen = proxy.seen(host=host)
        arrived = "" if seen is None else seen.get("HTTP_HOST", "")
        status = proxy.status("GET", "/robots.txt", host=host)
        # A proxy may leave the port out, and then the request is for this site.
        right = status != 200 or (bool(arrived) and own_host(arrived) is not None and arrived != host)
        answered = "is answered as this site" if status == 200 else f"gets {status or 'no answer'}"
        change = " Restart the site with this version, and let no cache before it answer other names."
        yield Finding(right, f"A request for the host {host} {answered}.{'' if right else change}")
    seen = proxy.seen([("X-Forwarded-Host", "proxy-check.invalid")])
    arrives = seen is not None and "HTTP_X_FORWARDED_HOST" in seen
    yield Finding(
        True, f"X-Forwarded-Host {'arrives, and the application ignores it' if arrives else 'has no effect'}."
    )


def large_bodies(proxy: Proxy) -> Finding:
    status = proxy.status("POST", "/read?id=1&r=", body=b"x" * LARGE)
    if 400 <= status < 500:
        return Finding(True, f"A body of 6 MB where none is expected gets {status}.")
    said = f"gets {status}" if status else "breaks the connection"
    return Finding(False, f"A body of 6 MB where none is expected {said}. Let the proxy read whole requests first.")
