"""A site to measure on: empty, with production's settings, and nothing in common with the one that is there."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connections
from django.db.utils import load_backend

# What tests change settings with also tells storages, caches and tasks of it; nothing else in Django does.
from django.test.utils import override_settings

from truthlytics.env import BASE_DIR, VAR_DIR, database
from truthlytics.pagecache.changes import site_generations

PAGE_CACHE = "truthlytics.pagecache.middleware.PageCacheMiddleware"
MEMORY = {"BACKEND": "django.core.files.storage.InMemoryStorage"}


@contextmanager
def own_site(name: str) -> Iterator[Path]:
    """An empty, migrated SQLite database under `var/bench/` as the only one there is; yields its folder.

    Files are kept in memory, and the page cache of the site is told nothing. Everything is gone afterwards.
    """
    (VAR_DIR / "bench").mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=f"{name}-", dir=VAR_DIR / "bench") as made:
        folder = Path(made)
        with _database(folder / "site.sqlite3"), override_settings(**_settings(folder)):
            site_generations.cache_clear()
            try:
                call_command("migrate", verbosity=0, interactive=False)
                yield folder
            finally:
                site_generations.cache_clear()
                ContentType.objects.clear_cache()


@contextmanager
def _database(path: Path) -> Iterator[None]:
    url = f"sqlite:///{quote(path.relative_to(BASE_DIR).as_posix())}"
    described = connections.configure_settings({"default": database(url)})["default"]
    before = connections["default"]
    own = load_backend(described["ENGINE"]).DatabaseWrapper(described, "default")
    connections["default"] = own
    try:
        yield
    finally:
        own.close()
        connections["default"] = before


def _settings(folder: Path) -> dict[str, Any]:
    static = settings.STORAGES["staticfiles"]
    if not (settings.STATIC_ROOT / "staticfiles.json").exists():
        static = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    return {
        "DEBUG": False,
        "DEMO": False,
        "MIDDLEWARE": [PAGE_CACHE, *(name for name in settings.MIDDLEWARE if name != PAGE_CACHE)],
        "PAGE_CACHE_FILE": folder / "page-generations",
        "CACHES": {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}},
        "TASKS": {"default": {"BACKEND": "django.tasks.backends.immediate.ImmediateBackend"}},
        "STORAGES": {
            "default": MEMORY | {"OPTIONS": {"base_url": settings.MEDIA_URL}},
            "originals": MEMORY,
            "staticfiles": static,
        },
        # Requests are made here, by nobody's proxy.
        "SECURE_SSL_REDIRECT": False,
        "SECURE_PROXY_SSL_HEADER": None,
    }
