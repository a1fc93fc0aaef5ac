"""The cache itself, around the WSGI callable: a hit never reaches Django."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from time import time
from typing import Any

from django.conf import settings

from truthlytics.cache.compression import accepted
from truthlytics.cache.keys import Environ, Names
from truthlytics.cache.remote_invalidation import Follower
from truthlytics.cache.responses import Answer
from truthlytics.cache.store import Entry, Store
from truthlytics.web.generations import EPOCH, Generations
from truthlytics.web.read_counter import COUNTED_OUTSIDE, READS, Reads, is_read

StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]

# While another request makes the same page, this long is waited for it.
PATIENCE = 10
# Asked for so often, a page is worth packing tightly: that takes as long as making it once or twice.
POPULAR = 3
# In place of an error a page is served for so long after its end, in seconds; and what failed is not tried before
# so many have passed.
STALE, REST = 3600, 1
# So small a part of the memory is for pages with a query.
ASKED = 8


class PageCache:
    def __init__(
        self,
        application: Application,
        *,
        store: Store,
        generations: Generations,
        follower: Follower | None = None,
        reads: Reads = READS,
    ) -> None:
        self.application = application
        self.follower = follower
        self.reads = reads
        self._note = reads.note
        self.store = store
        # Whatever has a query: whoever asks for a million of them pushes no article out.
        self.asked = Store(store.limit // ASKED)
        self.generations = generations
        self.names = Names()
        self._cells = generations.cells
        self._flights: dict[str, Lock] = {}
        self._lock = Lock()
        self.packers = ThreadPoolExecutor(1, "page-packer")
        self._personal = tuple(f"{name}=" for name in settings.PERSONAL_COOKIES)

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        # The way of a hit is written out, for it is all that most requests cost: no call that can be spared.
        if "HTTP_COOKIE" in environ and self.is_personal(environ["HTTP_COOKIE"]):
            return self.application(environ, start_response)
        try:
            name = self.names.known(self.names.asked(environ))
        except KeyError:
            name = None
        if name is None or "HTTP_IF_NONE_MATCH" in environ:
            return self.look_up(environ, start_response)
        entry = self.shelf(name).get(name)
        if (
            entry is None
            or entry.expires <= time()
            or (entry.epoch != self._cells[EPOCH] and not self.still_true(entry))
        ):
            return self.look_up(environ, start_response)
        entry.hits = hits = entry.hits + 1
        if hits == POPULAR:
            self.packers.submit(entry.squeeze)
        if entry.read_of and is_read(environ):
            self._note(entry.read_of)
        form = entry.forms[accepted(environ.get("HTTP_ACCEPT_ENCODING", ""))]
        start_response(entry.status, form.headers.copy())
        return [form.body]

    def look_up(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Whatever is not the plainest of hits."""
        key = self.names.of(environ)
        if key is None:
            return self.application(environ, start_response)
        found = self.good(key) or self.fetch(key, environ, start_response)
        if not isinstance(found, Entry):
            return found
        self.names.remember(environ, key)
        found.hits = hits = found.hits + 1
        if hits == POPULAR:
            self.packers.submit(found.squeeze)
        if found.read_of and environ["REQUEST_METHOD"] == "GET" and not is_known(found, environ) and is_read(environ):
            self._note(found.read_of)
        return send(found, environ, start_response)

    def shelf(self, name: str) -> Store:
        return self.store if name[-1] == "?" else self.asked

    def is_personal(self, cookies: str) -> bool:
        return any(name in cookies for name in self._personal)

    def good(self, key: str) -> Entry | None:
        entry = self.shelf(key).get(key)
        return entry if entry is not None and entry.expires > time() and self.still_true(entry) else None

    def still_true(self, entry: Entry) -> bool:
        """Looks at each of its marks, unless nothing has changed at all since that was done last."""
        epoch = self.generations.epoch()
        if entry.epoch != epoch:
            if not self.generations.hold(entry.marks):
                return False
            entry.epoch = epoch
        return True

    def is_resting(self, since: float, epoch: int) -> bool:
        """A page failed a moment ago: not tried again at once, unless something was changed, so all is well again."""
        return time() < since + REST and epoch == self.generations.epoch()

    def fetch(self, key: str, environ: Environ, start_response: StartResponse) -> Entry | Iterable[bytes]:
        """Let Django make the page, once for all who ask for it at the same time."""
        with self._lock:
            flight = self._flights.setdefault(key, Lock())
        alone = flight.acquire(timeout=PATIENCE)
        try:
            if alone and (entry := self.good(key)) is not None:
                return entry
            old = self.shelf(key).get(key)
            if old is not None and old.fell is not None and self.is_resting(*old.fell):
                return old
            return self.make(key, environ, start_response)
        finally:
            if alone:
                flight.release()
            with self._lock:
                if not flight.locked():
                    self._flights.pop(key, None)

    def make(self, key: str, environ: Environ, start_response: StartResponse) -> Entry | Iterable[bytes]:
        if self.follower:
            self.follower.ensure()
        self.reads.ensure()
        snapshot = self.generations.snapshot()
        answer = Answer()
        # Only what is part of the key may be seen by the page; and a page is made whole, for HEAD too.
        asked = environ | {"QUERY_STRING": key.rpartition("?")[2], "REQUEST_METHOD": "GET", COUNTED_OUTSIDE: True}
        body = self.application(asked, answer.start)
        if not answer.may_be_kept():
            return self.pass_on(key, answer, body, environ, start_response)
        try:
            whole = b"".join(body)
        finally:
            close(body)
        tags, expires = answer.instructions()
        marks = self.generations.marks(tags, snapshot)
        entry = Entry(answer.status, answer.public_headers(), whole, marks, expires, answer.read_of())
        self.shelf(key).put(key, entry)
        return entry

    def pass_on(
        self, key: str, answer: Answer, body: Iterable[bytes], environ: Environ, start_response: StartResponse
    ) -> Entry | Iterable[bytes]:
        """What is not kept goes through; in place of an error a page that was good before is served, for a while."""
        old = self.shelf(key).get(key)
        if old is not None and answer.status.startswith("5") and time() < old.expires + STALE:
            close(body)
            old.fell = time(), self.generations.epoch()
            return old
        self.shelf(key).drop(key)
        if (subject := answer.read_of()) and environ["REQUEST_METHOD"] == "GET" and is_read(environ):
            self._note(subject)
        start_response(answer.status, answer.public_headers(), *answer.more)
        if environ["REQUEST_METHOD"] == "HEAD":
            close(body)
            return [b""]
        return body


def send(entry: Entry, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    form = entry.forms[accepted(environ.get("HTTP_ACCEPT_ENCODING", ""))]
    if is_known(entry, environ):
        left = [(name, value) for name, value in form.headers if name not in {"Content-Length", "Content-Encoding"}]
        start_response("304 Not Modified", left)
        return [b""]
    start_response(entry.status, form.headers.copy())
    return [b""] if environ["REQUEST_METHOD"] == "HEAD" else [form.body]


def is_known(entry: Entry, environ: Environ) -> bool:
    """Whether whoever asks has this very page already. A redirect has no words by which to know it from another."""
    condition = environ.get("HTTP_IF_NONE_MATCH", "")
    return bool(condition) and entry.status.startswith("200") and entry.answers(condition)


def close(body: Iterable[bytes]) -> None:
    if callable(closing := getattr(body, "close", None)):
        closing()
