"""Reading the environment: one name a setting, every secret also as a file, loud when something is missing."""

import os
import secrets
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent
# What the site makes: an environment of its own may have a place of its own, as two runs of the tests at once need it.
VAR_DIR = BASE_DIR / os.environ.get("VAR_DIR", "var")
TRUE, FALSE = {"1", "true", "yes", "on"}, {"", "0", "false", "no", "off"}


def read_dotenv(path: Path) -> None:
    """Set what `path` names (`NAME=value` lines, `#` comments) and the environment does not name yet."""
    if not path.is_file():
        return
    for line in path.read_text(encoding="utf-8").splitlines():
        name, equals, value = line.strip().removeprefix("export ").partition("=")
        if equals and not name.startswith("#"):
            os.environ.setdefault(name.strip(), value.strip().strip("\"'"))


def env(name: str, default: str = "") -> str:
    """The value of `name`, or the content of the file that `name_FILE` points to; left empty it is not set."""
    if value := os.environ.get(name):
        return value
    if path := os.environ.get(f"{name}_FILE"):
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ImproperlyConfigured(f"{name}_FILE: cannot read {path} ({error.strerror}).") from error
    return default


def env_bool(name: str, *, default: bool = False) -> bool:
    value = env(name, "1" if default else "").lower()
    if value not in TRUE | FALSE:
        raise ImproperlyConfigured(f"{name} is {value!r}: write 1 or 0.")
    return value in TRUE


def env_int(name: str, default: int) -> int:
    value = env(name, str(default))
    if not value.isdecimal():
        raise ImproperlyConfigured(f"{name} is {value!r}: write a whole number.")
    return int(value)


def env_choice(name: str, default: str, choices: Sequence[str]) -> str:
    value = env(name, default)
    if value not in choices:
        raise ImproperlyConfigured(f"{name} is {value!r}: choose one of {', '.join(choices)}.")
    return value


def env_time_zone(name: str, default: str) -> str:
    value = env(name, default)
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ImproperlyConfigured(f"{name} is {value!r}: write a zone such as Europe/Berlin.") from error
    return value


def address(name: str, url: str) -> SplitResult:
    """The parts of `url`. Raises ImproperlyConfigured, which names the setting, where it is no address at all."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} is not an address that can be read ({error}).") from error
    return parts


def database(url: str) -> dict[str, Any]:
    """Django's database settings for `sqlite:///path` (relative to the project) or `postgres://…`."""
    parts = address("DATABASE_URL", url)
    if parts.scheme == "sqlite":
        return _sqlite(unquote(parts.path.removeprefix("/")))
    if parts.scheme in {"postgres", "postgresql"}:
        return _postgres(parts)
    raise ImproperlyConfigured("DATABASE_URL must begin with sqlite:/// or postgres://.")


def _sqlite(path: str) -> dict[str, Any]:
    if not path:
        raise ImproperlyConfigured("DATABASE_URL: name a file, as in sqlite:///var/truthlytics.sqlite3.")
    VAR_DIR.mkdir(parents=True, exist_ok=True)
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": BASE_DIR / path,
        # Opening a file and its settings again costs as much as three queries; a file put in its place is seen then.
        "CONN_MAX_AGE": 60,
        "OPTIONS": {
            # IMMEDIATE: a writer waits its turn at BEGIN instead of failing in the middle.
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            # 4 MB a connection: with more a worker grows with the archive, and no search gets quicker.
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-4000;",
        },
        # A file: in memory, threads that race get "table is locked".
        "TEST": {"NAME": VAR_DIR / "test.sqlite3"},
    }


def _postgres(parts: SplitResult) -> dict[str, Any]:
    """`?pooled=1` says that PgBouncer stands between, in transaction mode: no cursor outlives its transaction."""
    # A server that no longer answers at all must not hold every thread, and with them the pages that are kept.
    options = {"connect_timeout": "3", "tcp_user_timeout": "5000", **dict(parse_qsl(parts.query))}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.removeprefix("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "DISABLE_SERVER_SIDE_CURSORS": options.pop("pooled", "0") == "1",
        "OPTIONS": options,
    }


def cache(url: str) -> dict[str, Any]:
    """Django's cache settings for `db://` (a table that `migrate` makes), `redis://host:6379/0` (TLS: `rediss://`,
    socket: `unix://`; wants the extra `redis`) or `memory://` (one worker only)."""
    parts = address("CACHE_URL", url)
    match parts.scheme:
        case "db":
            return {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "truthlytics_cache"}
        case "memory":
            return {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
        case "redis" | "rediss" | "unix" if parts.hostname or parts.path:
            if find_spec("redis") is None:
                raise ImproperlyConfigured(
                    "CACHE_URL names Redis, but its client is not installed: add the extra `redis`."
                )
            # A server that does not answer costs a second, not a thread.
            patience = {"socket_timeout": 1, "socket_connect_timeout": 1}
            return {
                "BACKEND": "django.core.cache.backends.redis.RedisCache",
                "LOCATION": url,
                "KEY_PREFIX": "truthlytics",
                "OPTIONS": patience,
            }
    raise ImproperlyConfigured("CACHE_URL must be db://, redis://host:6379/0 or memory://.")


def smtp(url: str) -> dict[str, Any]:
    """A mailer's settings for `smtp://user:password@host:587` (STARTTLS) or `smtps://…:465` (TLS)."""
    parts = address("SMTP_URL", url)
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        raise ImproperlyConfigured("SMTP_URL must look like smtp://user:password@mail.example.org:587.")
    tls = parts.scheme == "smtps"
    return {
        "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "OPTIONS": {
            "host": parts.hostname,
            "port": parts.port or (465 if tls else 587),
            "username": unquote(parts.username or ""),
            "password": unquote(parts.password or ""),
            "use_ssl": tls,
            "use_tls": not tls and bool(parts.username),
            "timeout": 10,
        },
    }


def demo_secret_key() -> str:
    """The key that the demo makes for itself once, in `var/secret-key`."""
    VAR_DIR.mkdir(parents=True, exist_ok=True)
    path = VAR_DIR / "secret-key"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(50), encoding="utf-8")
    return path.read_text(encoding="utf-8")


def prepare_demo(argv: Sequence[str]) -> None:
    """What `manage.py demo` sets before settings are read; its server and worker inherit it."""
    port = "8000"
    for here, following in zip(argv, [*argv[1:], ""], strict=True):
        if here == "--port":
            port = following
        elif here.startswith("--port="):
            port = here.removeprefix("--port=")
    os.environ.update(TRUTHLYTICS_DEMO="1", DEBUG="0", SITE_URL=f"http://localhost:{port}")
