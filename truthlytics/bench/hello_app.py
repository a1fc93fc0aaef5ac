"""The application of the measured server: two minimal apps, and a page behind the page cache."""

import base64
import json
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "truthlytics.settings")
django.setup()

# Imported here because these modules need the models of all apps.
from truthlytics.bench.measure import Environ, fetch_popular, make_environ  # noqa: E402
from truthlytics.bench.server import HELLO, HELLO_WITH_HEADERS, PAGE, Hello  # noqa: E402
from truthlytics.cache.store import Store  # noqa: E402
from truthlytics.cache.wsgi import PageCache  # noqa: E402
from truthlytics.web.generations import Generations  # noqa: E402
from truthlytics.web.read_counter import READ_OF  # noqa: E402


def make_application(path: Path) -> Callable[..., Iterable[bytes]]:
    page = json.loads(path.read_text(encoding="utf-8"))
    body = base64.b64decode(page["body"])
    # Reads are counted, as on the site.
    headers = [*((name, value) for name, value in page["headers"]), (READ_OF, "1")]

    def replay(environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        start_response(page["status"], headers)
        return [body]

    cached = PageCache(replay, store=Store(1 << 24), generations=Generations(path.with_name("served-generations")))
    response = fetch_popular(cached, make_environ(page["path"]))
    minimal = {HELLO: Hello(response.body), HELLO_WITH_HEADERS: Hello(response.body, response.headers)}

    def application(environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        return minimal.get(environ["PATH_INFO"], cached)(environ, start_response)

    return application


application = make_application(Path(os.environ[PAGE]))
