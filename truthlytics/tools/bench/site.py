"""A site for benchmarks, with production settings and a database of its own, in which `manage.py bench` runs again."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory

from truthlytics.env import VAR_DIR

INSIDE = "TRUTHLYTICS_BENCH"


@contextmanager
def own_environment(database: str) -> Iterator[dict[str, str]]:
    """Yield the environment of a site in a temporary folder, on an SQLite file in it or the database with this URL."""
    (VAR_DIR / "bench").mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=VAR_DIR / "bench", prefix="site-") as folder:
        # A server has compiled code.
        inherited = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        yield inherited | {
            "DATABASE_URL": database or f"sqlite:///{folder}/site.sqlite3", "VAR_DIR": folder, INSIDE: "1",
            "SECRET_KEY": "for-measuring-only-" + "x" * 40, "SITE_URL": "http://localhost", "CACHE_URL": "memory://",
            "LOG_LEVEL": "ERROR", "DEBUG": "0", "TRUTHLYTICS_DEMO": "0",
            "DJANGO_SETTINGS_MODULE": "truthlytics.settings",
        }  # fmt: skip
