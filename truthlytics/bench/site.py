"""A temporary site for benchmarks, with production settings and separate from the real one."""

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

# Also updates storages, caches and tasks when settings change; nothing else in Django does.
from django.test.utils import override_settings

from subscriptions.models import User
from truthlytics.bench.corpus import MARKER
from truthlytics.bench.measure import MeasurementError
from truthlytics.bench.results import Options
from truthlytics.cache.invalidation import site_generations
from truthlytics.env import BASE_DIR, VAR_DIR, database_settings

PAGE_CACHE = "truthlytics.cache.middleware.PageCacheMiddleware"
DEFAULTS = Options()
MEMORY = {"BACKEND": "django.core.files.storage.InMemoryStorage"}


@contextmanager
def own_site(name: str, options: Options = DEFAULTS) -> Iterator[Path]:
    """Use an empty, migrated database as the only one; yields the folder for its files.

    It is an SQLite file in `var/bench/` that is deleted afterwards, or with `keep` stays for the next run with as many
    articles. `database` is the URL of another database, which must be empty or from an earlier run, and is kept.
    Media files are stored in memory. Raises MeasurementError.
    """
    with (
        _folder(name, options) as folder,
        _database(options.database or database_file(folder)),
        override_settings(**_settings(folder)),
    ):
        site_generations.cache_clear()
        try:
            check_database()
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
    with TemporaryDirectory(prefix=f"{name}-", dir=VAR_DIR / "bench") as temporary:
        yield Path(temporary)


def database_file(folder: Path) -> str:
    return f"sqlite:///{quote((folder / 'site.sqlite3').relative_to(BASE_DIR).as_posix())}"


@contextmanager
def _database(url: str) -> Iterator[None]:
    configuration = connections.configure_settings({"default": database_settings(url)})["default"]
    before = connections["default"]
    temporary = load_backend(configuration["ENGINE"]).DatabaseWrapper(configuration, "default")
    connections["default"] = temporary
    try:
        yield
    finally:
        temporary.close()
        connections["default"] = before


def check_database() -> None:
    """Raise MeasurementError if the database is a real site, so that a wrong URL does no harm."""
    try:
        connections["default"].ensure_connection()
    except OperationalError as error:
        raise MeasurementError(f"Cannot connect to the database: {str(error).strip()}.") from error
    migrated = User._meta.db_table in connections["default"].introspection.table_names()
    if migrated and User.objects.exists() and not User.objects.filter(email=MARKER).exists():
        raise MeasurementError("The database contains a site. Use an empty one.")


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
        # Requests do not come through a proxy.
        "SECURE_SSL_REDIRECT": False,
        "SECURE_PROXY_SSL_HEADER": None,
    }
