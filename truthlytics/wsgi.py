"""The WSGI callable that `manage.py serve` runs: Django, behind the reception and the page cache."""

import ctypes
import os
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.core.wsgi import get_wsgi_application


def make_application() -> Any:
    django = get_wsgi_application()
    give_back_memory()
    from truthlytics.web.read_counter import READS

    READS.begin()
    if not settings.PAGE_CACHE:
        return django
    # Not before the apps are ready: the cache follows their models.
    from truthlytics.cache.invalidation import site_generations
    from truthlytics.cache.remote_invalidation import Follower
    from truthlytics.cache.store import Store
    from truthlytics.cache.wsgi import PageCache
    from truthlytics.server.body_buffer import Reception
    from truthlytics.server.health import PROBES

    known = site_generations()
    follower = Follower(known, settings.PAGE_CACHE_FILE) if settings.PAGE_CACHE_MACHINES else None
    kept = Store(settings.PAGE_CACHE_BYTES)
    site = PageCache(Reception(django), store=kept, generations=known, follower=follower)

    def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        # Whoever asks how we are must not stand in line for an answer.
        return (django if environ["PATH_INFO"] in PROBES else site)(environ, start_response)

    return application


def give_back_memory() -> None:
    """What was needed to load the code and is needed no more: some megabytes that glibc would keep for itself."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


os.environ.setdefault("DJANGO_SETTINGS_MODULE", "truthlytics.settings")
application = make_application()
