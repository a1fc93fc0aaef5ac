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
from django.db import OperationalError, connections
from django.db.utils import load_backend

# What tests change settings with also tells storages, caches and tasks of it; nothing else in Django does.
from django.test.utils import override_settings

from subscriptions.models import User
from truthlytics.bench.corpus import MARK
from truthlytics.bench.measure import NotMeasured
from truthlytics.bench.results import Options
from truthlytics.cache.invalidation import site_generations
from truthlytics.env import BASE_DIR, VAR_DIR, database_settings

PAGE_CACHE = "truthlytics.cache.middleware.PageCacheMiddleware"
DEFAULTS = Options()
MEMORY = {"BACKEND": "django.core.files.storage.InMemoryStorage"}


@contextmanager
def own_site(name: str, options: Options = DEFAULTS) -> Iterator[Path]:
    """An empty, migrated database as the only one there is; yields the folder for its files.

    It is an SQLite file under `var/bench/`, gone afterwards; with `keep` it stays there, for the next run of as many
    articles. `database` names another one to use, which must be empty or of an earlier run, and which stays.
    Files of the site are kept in memory, and its page cache is told nothing. Raises NotMeasured.
    """
    with (
        _folder(name, options) as folder,
        _database(options.database or database_file(folder)),
        override_settings(**_settings(folder)),
    ):
        site_generations.cache_clear()
        try:
            refuse_what_is_not_ours()
            call_command("migrate", verbosity=0, interactive=False)
            yield folder
        finally:
            site_generations.cache_clear()
            ContentType.objects.clear_cache()


@contextmanager
def _folder(name: str, options: Options) -> Iterator[Path]:
    (VAR_DIR / "bench").mkdir(parents=True, exist_ok=True)
    if options.keep and not options.database:
        folder = VAR_DIR / "bench" / str(options.articles)
        folder.mkdir(exist_ok=True)
        yield folder
        return
    with TemporaryDirectory(prefix=f"{name}-", dir=VAR_DIR / "bench") as made:
        yield Path(made)


def database_file(folder: Path) -> str:
    return f"sqlite:///{quote((folder / 'site.sqlite3').relative_to(BASE_DIR).as_posix())}"


@contextmanager
def _database(url: str) -> Iterator[None]:
    described = connections.configure_settings({"default": database_settings(url)})["default"]
    before = connections["default"]
    own = load_backend(described["ENGINE"]).DatabaseWrapper(described, "default")
    connections["default"] = own
    try:
        yield
    finally:
        own.close()
        connections["default"] = before


def refuse_what_is_not_ours() -> None:
    """Nobody's site is filled with made up words because of a wrong address."""
    try:
        connections["default"].ensure_connection()
    except OperationalError as error:
        raise NotMeasured(f"The database cannot be reached ({str(error).strip()}).") from error
    made = User._meta.db_table in connections["default"].introspection.table_names()
    if made and User.objects.exists() and not User.objects.filter(email=MARK).exists():
        raise NotMeasured("The database holds somebody's site: name an empty one.")


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
