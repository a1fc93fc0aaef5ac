"""The WSGI callable that `manage.py serve` runs: Django, behind the page cache."""

import os
from typing import Any

from django.conf import settings
from django.core.wsgi import get_wsgi_application


def make_application() -> Any:
    application = get_wsgi_application()
    if not settings.PAGE_CACHE:
        return application
    # Not before the apps are ready: the cache follows their models.
    from truthlytics.pagecache.changes import site_generations
    from truthlytics.pagecache.machines import Follower
    from truthlytics.pagecache.store import Store
    from truthlytics.pagecache.wsgi import PageCache

    known = site_generations()
    follower = Follower(known, settings.PAGE_CACHE_FILE) if settings.PAGE_CACHE_MACHINES else None
    return PageCache(application, store=Store(settings.PAGE_CACHE_BYTES), generations=known, follower=follower)


os.environ.setdefault("DJANGO_SETTINGS_MODULE", "truthlytics.settings")
application = make_application()
