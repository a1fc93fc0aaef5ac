"""The cache itself, around the WSGI callable: a hit never reaches Django."""

import time
from collections.abc import Callable, Iterable
from threading import Lock
from typing import Any
from urllib.parse import parse_qsl, urlencode

from django.conf import settings
from django.http.request import split_domain_port, validate_host

from .generations import Generations
from .middleware import EXPIRES, TAGS
from .store import Entry, Headers, Store, make_entry

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]

# What changes a page, and so is part of its key; what only says where a visitor came from, and changes nothing.
MEANT = {"after", "comments"}
TRACKING = {"fbclid", "gclid", "msclkid", "mc_cid", "mc_eid", "igshid", "ref"}
LONGEST_KEY = 512
KEPT = ("200", "301")
# While another request makes the same page, this long is waited for it.
PATIENCE = 10


class PageCache:
    def __init__(self, application: Application, *, store: Store, generations: Generations) -> None:
        self.application = application
        self.store = store
        self.generations = generations
        self._flights: dict[str, Lock] = {}
        self._lock = Lock()
        self._personal = tuple(f"{name}=" for name in settings.PERSONAL_COOKIES)

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        key = self.key(environ)
        if key is None:
            return self.application(environ, start_response)
        found = self.good(key) or self.fetch(key, environ, start_response)
        return send(found, environ, start_response) if isinstance(found, Entry) else found

    def key(self, environ: Environ) -> str | None:
        """The name of the page that a stranger asks for; None for whatever is not one.

        A query that we do not know goes to Django, and its answer is not kept.
        """
        if environ["REQUEST_METHOD"] not in {"GET", "HEAD"}:
            return None
        cookies = environ.get("HTTP_COOKIE", "")
        if cookies and any(name in cookies for name in self._personal):
            return None
        host = environ.get("HTTP_HOST", "").lower()
        domain, _port = split_domain_port(host)
        if not domain or not validate_host(domain, settings.ALLOWED_HOSTS):
            return None
        query = environ.get("QUERY_STRING", "")
        if query:
            asked = parse_qsl(query, keep_blank_values=True)
            meant = [(name, value) for name, value in asked if not is_tracking(name)]
            if any(name not in MEANT for name, _ in meant):
                return None
            query = urlencode(sorted(meant))
        key = f"{scheme(environ)}://{host}{environ.get('SCRIPT_NAME', '')}{environ.get('PATH_INFO', '')}?{query}"
        return key if len(key) <= LONGEST_KEY else None

    def good(self, key: str) -> Entry | None:
        entry = self.store.get(key)
        if entry is not None and entry.expires > time.time() and self.generations.hold(entry.marks):
            return entry
        return None

    def fetch(self, key: str, environ: Environ, start_response: StartResponse) -> Entry | Iterable[bytes]:
        """Let Django make the page, once for all who ask for it at the same time."""
        with self._lock:
            flight = self._flights.setdefault(key, Lock())
        alone = flight.acquire(timeout=PATIENCE)
        try:
            if alone and (entry := self.good(key)) is not None:
                return entry
            return self.make(key, environ, start_response)
        finally:
            if alone:
                flight.release()
            with self._lock:
                if not flight.locked():
                    self._flights.pop(key, None)

    def make(self, key: str, environ: Environ, start_response: StartResponse) -> Entry | Iterable[bytes]:
        snapshot = self.generations.snapshot()
        answer = Answer()
        # Only what is part of the key may be seen by the page; and a page is made whole, for HEAD too.
        asked = environ | {"QUERY_STRING": key.partition("?")[2], "REQUEST_METHOD": "GET"}
        body = self.application(asked, answer.start)
        if not answer.may_be_kept():
            return self.pass_on(key, answer, body, environ, start_response)
        try:
            whole = b"".join(body)
        finally:
            close(body)
        tags, expires = answer.instructions()
        entry = make_entry(
            answer.status, answer.public_headers(), whole, self.generations.marks(tags, snapshot), expires
        )
        self.store.put(key, entry)
        return entry

    def pass_on(
        self, key: str, answer: "Answer", body: Iterable[bytes], environ: Environ, start_response: StartResponse
    ) -> Entry | Iterable[bytes]:
        """What is not kept goes through; in place of an error a page that was good before is served."""
        old = self.store.get(key)
        if old is not None and answer.status.startswith("5"):
            close(body)
            return old
        self.store.drop(key)
        start_response(answer.status, answer.public_headers(), *answer.more)
        if environ["REQUEST_METHOD"] == "HEAD":
            close(body)
            return [b""]
        return body


class Answer:
    """What the application said of its response."""

    def __init__(self) -> None:
        self.status = "500 Internal Server Error"
        self.headers: Headers = []
        self.more: tuple[Any, ...] = ()

    def start(self, status: str, headers: Headers, *more: Any) -> Callable[[bytes], Any]:
        self.status, self.headers, self.more = status, headers, more
        return lambda data: None

    def get(self, name: str) -> str | None:
        return next((value for header, value in self.headers if header.lower() == name.lower()), None)

    def may_be_kept(self) -> bool:
        """Only what a view called public, without a cookie, and with the time at which it ends."""
        if not self.status.startswith(KEPT) or self.get(EXPIRES) is None or self.get("Set-Cookie") is not None:
            return False
        return "cookie" not in (self.get("Vary") or "").lower()

    def instructions(self) -> tuple[list[str], float]:
        return (self.get(TAGS) or "").split(), float(self.get(EXPIRES) or 0)

    def public_headers(self) -> Headers:
        """Without those that the store writes itself, and the one that is between us."""
        ours = {EXPIRES.lower(), "content-length", "vary", "etag"}
        kept = self.get(EXPIRES) is not None
        return [(name, value) for name, value in self.headers if not kept or name.lower() not in ours]


def send(entry: Entry, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    zipped = "gzip" in environ.get("HTTP_ACCEPT_ENCODING", "")
    body, headers = entry.encoded(zipped=zipped)
    if (condition := environ.get("HTTP_IF_NONE_MATCH")) and entry.answers(condition):
        left = [(name, value) for name, value in headers if name not in {"Content-Length", "Content-Encoding"}]
        start_response("304 Not Modified", left)
        return [b""]
    start_response(entry.status, headers)
    return [b""] if environ["REQUEST_METHOD"] == "HEAD" else [body]


def scheme(environ: Environ) -> str:
    """https where Django would say so: by the server, or by the proxy that we trust."""
    proxied = settings.SECURE_PROXY_SSL_HEADER
    if proxied and environ.get(proxied[0], "").split(",")[0].strip() == proxied[1]:
        return "https"
    return str(environ.get("wsgi.url_scheme", "http"))


def is_tracking(name: str) -> bool:
    return name in TRACKING or name.startswith("utm_")


def close(body: Iterable[bytes]) -> None:
    if callable(closing := getattr(body, "close", None)):
        closing()
