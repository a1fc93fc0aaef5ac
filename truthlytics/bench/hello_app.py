"""What the measured server runs: two hellos, and behind the page cache one page as Django made it before."""

import base64
import json
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "truthlytics.settings")
django.setup()

# Not before the apps are ready: the cache follows their models.
from truthlytics.bench.measure import Environ, environ_of, packed  # noqa: E402
from truthlytics.bench.server import DRESSED, HELLO, PAGE, Hello  # noqa: E402
from truthlytics.cache.store import Store  # noqa: E402
from truthlytics.cache.wsgi import PageCache  # noqa: E402
from truthlytics.web.generations import Generations  # noqa: E402
from truthlytics.web.read_counter import READ_OF  # noqa: E402


def make_application(path: Path) -> Callable[..., Iterable[bytes]]:
    page = json.loads(path.read_text(encoding="utf-8"))
    body = base64.b64decode(page["body"])
    # Each hit is counted as an article's read, as on the site.
    headers = [*((name, value) for name, value in page["headers"]), (READ_OF, "1")]

    def recorded(environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        start_response(page["status"], headers)
        return [body]

    kept = PageCache(recorded, store=Store(1 << 24), generations=Generations(path.with_name("served-generations")))
    sent = packed(kept, environ_of(page["path"]))
    hellos = {HELLO: Hello(sent.body), DRESSED: Hello(sent.body, sent.headers)}

    def application(environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        return hellos.get(environ["PATH_INFO"], kept)(environ, start_response)

    return application


application = make_application(Path(os.environ[PAGE]))
