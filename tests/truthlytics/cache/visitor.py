"""An anonymous visitor behind the page cache, for tests of cached pages."""

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.test import RequestFactory

from truthlytics.cache.invalidation import site_generations
from truthlytics.cache.store import Store
from truthlytics.cache.wsgi import PageCache

MIDDLEWARE = ["truthlytics.cache.middleware.PageCacheMiddleware", *settings.MIDDLEWARE]
FAR_FUTURE = 10**10


class Visitor:
    """Makes requests through the cache; `rendered` counts those that reach the application."""

    def __init__(self, application=None, **options):
        self.rendered = 0
        self.application = application or WSGIHandler()
        self.cache = PageCache(
            self._render, store=Store(options.pop("limit", 10**7)), generations=site_generations(), **options
        )

    def _render(self, environ, start_response):
        self.rendered += 1
        return self.application(environ, start_response)

    def get(self, path, method="GET", **headers):
        environ = RequestFactory(HTTP_HOST="testserver").generic(method, path, **headers).environ
        response = {}
        body = self.cache(environ, lambda status, headers, *rest: response.update(status=status, headers=dict(headers)))
        response["body"] = b"".join(body)
        if callable(close := getattr(body, "close", None)):
            close()
        return response
