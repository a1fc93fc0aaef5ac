"""The WSGI application: Django behind the page cache, the body buffer and its threads.

The supervisor of `manage.py serve` runs this module as a program, which serves it.
"""

import gc
import os
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from truthlytics.web.memory import release_memory

type Layer = Callable[[Any], Any]


def make_application() -> Any:
    # All that is imported stays: a search for garbage meanwhile finds none.
    gc.disable()
    django = get_wsgi_application()
    gc.enable()
    # Some megabytes were only needed for importing.
    release_memory()
    from articles.models.gift_links import OPENS
    from truthlytics.crawlers.counting import CRAWLER_COUNTER
    from truthlytics.crawlers.wsgi import CrawlerGate
    from truthlytics.monitoring.slow_pages import SLOW_PAGES
    from truthlytics.server import health
    from truthlytics.server.gates import BodyGate, HostGate
    from truthlytics.server.proxy_echo import ECHO, ProxyEcho
    from truthlytics.statistics.beacon import READ, Beacon
    from truthlytics.statistics.counter import READ_COUNTER

    READ_COUNTER.enable()
    SLOW_PAGES.enable()
    OPENS.enable()
    CRAWLER_COUNTER.enable()
    # What must not wait for a worker thread.
    direct: dict[str, Any] = dict.fromkeys(health.PATHS, django) | {READ: HostGate(BodyGate(Beacon()))}
    around_django, around_site = metrics_layers()
    pages = cached(around_django, django) if settings.PAGE_CACHE else around_django(django)
    site = around_site(HostGate(CrawlerGate(pages)))
    direct[ECHO] = ProxyEcho(site)

    def application(environ: dict[str, Any], start_response: Any) -> Any:
        answer: Any = direct.get(environ["PATH_INFO"], site)
        return answer(environ, start_response)

    return application


def cached(around_django: Layer, django: Any) -> Any:
    """Return the page cache around the threads of Django."""
    # Imported here because these modules need the models of all apps.
    from truthlytics.cache.edge import Edge
    from truthlytics.cache.invalidation import site_generations
    from truthlytics.cache.remote_invalidation import RemoteInvalidation
    from truthlytics.cache.store import Store
    from truthlytics.cache.wsgi import PageCache
    from truthlytics.server.body_buffer import BodyBuffer
    from truthlytics.server.workers import Workers

    generations = site_generations()
    remote = RemoteInvalidation(generations, settings.PAGE_CACHE_FILE) if settings.PAGE_CACHE_MACHINES else None
    store = Store(settings.PAGE_CACHE_BYTES)
    edge = Edge(generations, follows=settings.PAGE_CACHE_MACHINES) if settings.CDN else None
    inner = BodyBuffer(around_django(Workers(django)))
    return PageCache(inner, store=store, generations=generations, remote=remote, edge=edge)


def metrics_layers() -> tuple[Layer, Layer]:
    """Return what to put around Django and around the site for metrics: nothing if they are off."""
    if not settings.METRICS:
        return (lambda application: application), (lambda application: application)
    from truthlytics.metrics.wsgi import layers

    return layers()


os.environ.setdefault("DJANGO_SETTINGS_MODULE", "truthlytics.settings")
application = make_application()

if __name__ == "__main__":
    from truthlytics.server.web import serve

    serve(application)
