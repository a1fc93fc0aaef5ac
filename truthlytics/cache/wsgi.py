"""The page cache around the WSGI application. A hit never reaches Django."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from time import time
from typing import Any

from django.conf import settings

from truthlytics.cache.compression import Headers, accepted_encodings
from truthlytics.cache.edge import Edge
from truthlytics.cache.keys import CacheKeys, Environ
from truthlytics.cache.remote_invalidation import RemoteInvalidation
from truthlytics.cache.responses import CapturedResponse
from truthlytics.cache.store import Entry, Store
from truthlytics.statistics.counter import READ_COUNTER, ReadCounter
from truthlytics.statistics.requests import values_of
from truthlytics.web.generations import EPOCH, Generations
from truthlytics.web.plugins import paths_with_keys
from truthlytics.web.read_counter import COUNTED_BY_CACHE

StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]

# How long (seconds) a request waits for another one that is rendering the same page.
RENDER_TIMEOUT = 10
# The hit at which a page is compressed thoroughly, which takes as long as rendering it once or twice.
POPULAR_HITS = 3
# How long (seconds) an expired page may be served instead of an error, and how long a failed one is not tried again.
STALE_IF_ERROR, RETRY_AFTER = 3600, 1
# Pages with a query share this fraction of the memory, so that no number of queries can evict articles.
QUERY_FRACTION = 8


class PageCache:
    def __init__(
        self,
        application: Application,
        *,
        store: Store,
        generations: Generations,
        remote: RemoteInvalidation | None = None,
        edge: Edge | None = None,
        read_counter: ReadCounter = READ_COUNTER,
    ) -> None:
        self.application = application
        self.remote = remote
        self.edge = edge
        self.read_counter = read_counter
        self._count_read = read_counter.count
        self.store = store
        self.query_store = Store(store.limit // QUERY_FRACTION)
        self.generations = generations
        self.keys = CacheKeys()
        self._cells = generations.cells
        self._rendering: dict[str, Lock] = {}
        self._lock = Lock()
        self.compressors = ThreadPoolExecutor(1, "page-compressor")
        self._personal_cookies = tuple(f"{name}=" for name in settings.PERSONAL_COOKIES)
        # Below these, `Authorization` may have a key to more than visitors may read. Their views decide what is a key.
        self._paths_with_keys = tuple(paths_with_keys())

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        # Written out with as few calls as possible, because most requests need nothing else.
        if "HTTP_COOKIE" in environ and self.is_personal(environ["HTTP_COOKIE"]):
            return self.application(environ, start_response)
        if "HTTP_AUTHORIZATION" in environ and environ["PATH_INFO"].startswith(self._paths_with_keys):
            return self.application(environ, start_response)
        try:
            key = self.keys.remembered(self.keys.raw_key(environ))
        except KeyError:
            key = None
        if key is None or "HTTP_IF_NONE_MATCH" in environ:
            return self.look_up(environ, start_response)
        entry = self.store_of(key).get(key)
        if (
            entry is None
            or entry.expires <= time()
            or (entry.epoch != self._cells[EPOCH] and not self.is_current(entry))
        ):
            return self.look_up(environ, start_response)
        entry.hits = hits = entry.hits + 1
        if hits == POPULAR_HITS:
            self.compressors.submit(entry.compress)
        if entry.read_of:
            self._count_read(values_of(environ, entry.read_of))
        encoded = entry.encodings[accepted_encodings(environ.get("HTTP_ACCEPT_ENCODING", ""))]
        headers = encoded.headers.copy() if self.edge is None else encoded.headers + self.edge.headers(entry)
        start_response(entry.status, headers)
        return [encoded.body]

    def look_up(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Handle everything except the simplest hits."""
        key = self.keys.build(environ)
        if key is None:
            return self.application(environ, start_response)
        entry = self.get(key) or self.fetch(key, environ, start_response)
        if not isinstance(entry, Entry):
            return entry
        self.keys.remember(environ, key)
        entry.hits = hits = entry.hits + 1
        if hits == POPULAR_HITS:
            self.compressors.submit(entry.compress)
        if entry.read_of:
            self._count_read(values_of(environ, entry.read_of))
        return send(entry, environ, start_response, self.edge.headers(entry) if self.edge else [])

    def store_of(self, key: str) -> Store:
        return self.store if key[-1] == "?" else self.query_store

    def is_personal(self, cookies: str) -> bool:
        return any(name in cookies for name in self._personal_cookies)

    def get(self, key: str) -> Entry | None:
        """Return the cached page if it is valid."""
        entry = self.store_of(key).get(key)
        return entry if entry is not None and entry.expires > time() and self.is_current(entry) else None

    def is_current(self, entry: Entry) -> bool:
        """Check the stamps of the page, unless nothing at all was invalidated since the last check."""
        epoch = self.generations.epoch()
        if entry.epoch != epoch:
            if not self.generations.are_current(entry.stamps):
                return False
            entry.epoch = epoch
        return True

    def failing_page(self, key: str) -> Entry | None:
        """Return the expired page that was served when rendering it failed, if nothing was changed since."""
        entry = self.store_of(key).get(key)
        failing = entry is not None and entry.failed is not None and entry.failed[1] == self.generations.epoch()
        return entry if failing else None

    def failed_recently(self, entry: Entry) -> bool:
        return entry.failed is not None and time() < entry.failed[0] + RETRY_AFTER

    def fetch(self, key: str, environ: Environ, start_response: StartResponse) -> Entry | Iterable[bytes]:
        """Let Django render the page, once for all clients that request it at the same time."""
        with self._lock:
            rendering = self._rendering.setdefault(key, Lock())
        # While rendering fails, which may take seconds, one request at a time tries it and no other waits.
        acquired = rendering.acquire(timeout=0 if self.failing_page(key) else RENDER_TIMEOUT)
        try:
            if acquired and (entry := self.get(key)) is not None:
                return entry
            stale = self.failing_page(key)
            if stale is not None and (not acquired or self.failed_recently(stale)):
                return stale
            return self.render(key, environ, start_response)
        finally:
            if acquired:
                rendering.release()
            with self._lock:
                if not rendering.locked():
                    self._rendering.pop(key, None)

    def render(self, key: str, environ: Environ, start_response: StartResponse) -> Entry | Iterable[bytes]:
        if self.remote:
            self.remote.ensure_running()
        self.read_counter.ensure_running()
        snapshot = self.generations.snapshot()
        captured = CapturedResponse()
        # The page must not see query parameters that are not in its key; and HEAD requests render the whole page.
        query = key.rpartition("?")[2]
        keyed_environ = environ | {"QUERY_STRING": query, "REQUEST_METHOD": "GET", COUNTED_BY_CACHE: True}
        body = self.application(keyed_environ, captured.start_response)
        if not captured.is_cacheable():
            return self.pass_through(key, captured, body, environ, start_response)
        try:
            whole_body = b"".join(body)
        finally:
            close(body)
        stamps = self.generations.stamps(captured.tags(), snapshot)
        headers, expires, read_of = captured.public_headers(), captured.expires(), captured.read_of()
        entry = Entry(captured.status, headers, whole_body, stamps, expires, read_of, captured.next_change())
        self.store_of(key).put(key, entry)
        return entry

    def pass_through(
        self,
        key: str,
        captured: CapturedResponse,
        body: Iterable[bytes],
        environ: Environ,
        start_response: StartResponse,
    ) -> Entry | Iterable[bytes]:
        """Send a response that is not cached. If it is an error, serve the expired page for a while."""
        stale = self.store_of(key).get(key)
        if stale is not None and captured.status.startswith("5") and time() < stale.expires + STALE_IF_ERROR:
            close(body)
            stale.failed = time(), self.generations.epoch()
            return stale
        self.store_of(key).drop(key)
        if read_of := captured.read_of():
            self._count_read(values_of(environ, read_of))
        start_response(captured.status, captured.public_headers(), *captured.exc_info)
        if environ["REQUEST_METHOD"] == "HEAD":
            close(body)
            return [b""]
        return body


def send(entry: Entry, environ: Environ, start_response: StartResponse, edge_headers: Headers) -> Iterable[bytes]:
    encoded = entry.encodings[accepted_encodings(environ.get("HTTP_ACCEPT_ENCODING", ""))]
    if is_not_modified(entry, environ):
        entity_headers = {"Content-Length", "Content-Encoding"}
        headers = [item for item in encoded.headers if item[0] not in entity_headers]
        start_response("304 Not Modified", headers + edge_headers)
        return [b""]
    start_response(entry.status, encoded.headers + edge_headers)
    return [b""] if environ["REQUEST_METHOD"] == "HEAD" else [encoded.body]


def is_not_modified(entry: Entry, environ: Environ) -> bool:
    """Return whether the client already has this page. Redirects are always sent: their bodies are all alike."""
    condition = environ.get("HTTP_IF_NONE_MATCH", "")
    return bool(condition) and entry.status.startswith("200") and entry.matches(condition)


def close(body: Iterable[bytes]) -> None:
    if callable(closing := getattr(body, "close", None)):
        closing()
