"""Read settings from the environment: one variable per setting, secrets also from files, clear errors."""

import os
import re
import secrets
import sys
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from email.utils import parseaddr
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.core.exceptions import ImproperlyConfigured

from truthlytics.web.bank_accounts import compact, in_groups, is_bic, is_iban

# An entry of a setting such as DATABASES.
type Setting = dict[str, Any]

BASE_DIR = Path(__file__).resolve().parent.parent
# Generated files. Concurrent test runs set VAR_DIR so that each has a folder of its own.
VAR_DIR = BASE_DIR / os.environ.get("VAR_DIR", "var")
# The apps in truthlytics/contrib, in the order in which they are installed, each with those that it requires.
FEATURES: dict[str, tuple[str, ...]] = {
    "importers": (),
    "exports": (),
    "quotations": (),
    "webhooks": (),
    "correction_notices": (),
    "api": (),
    "mcp": ("quotations", "api"),
}
STORED_SECRET_KEY = VAR_DIR / "secret-key"
TRUE, FALSE = {"1", "true", "yes", "on"}, {"", "0", "false", "no", "off"}


def prepare_environment(argv: Sequence[str]) -> None:
    """Create VAR_DIR. Call before settings are loaded.

    `manage.py demo` also sets the demo's environment variables, which its server and worker inherit. Raises
    ImproperlyConfigured if VAR_DIR cannot be created.
    """
    try:
        VAR_DIR.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ImproperlyConfigured(
            f"The folder {VAR_DIR} cannot be created ({error.strerror}). Set VAR_DIR to another folder."
        ) from error
    if argv[1:2] == ["demo"]:
        os.environ.update(TRUTHLYTICS_DEMO="1", DEBUG="0", SITE_URL=f"http://localhost:{_port(argv)}")


def _port(argv: Sequence[str]) -> str:
    port = "8000"
    for argument, following in zip(argv, [*argv[1:], ""], strict=True):
        if argument == "--port":
            port = following
        elif argument.startswith("--port="):
            port = argument.removeprefix("--port=")
    return port


def stored_secret_key(*, create: bool) -> str:
    """Return the secret key that is kept in VAR_DIR, or "" if there is none. `create` makes one that is missing.

    Raises ImproperlyConfigured if the file cannot be read or made.
    """
    try:
        if create and not STORED_SECRET_KEY.exists():
            _store_secret_key()
        return STORED_SECRET_KEY.read_text(encoding="utf-8") if STORED_SECRET_KEY.exists() else ""
    except OSError as error:
        raise ImproperlyConfigured(
            f"The secret key {STORED_SECRET_KEY} cannot be read or made ({error.strerror}). The folder must belong to "
            f"the user who runs the site (here number {os.getuid()}), or set SECRET_KEY."
        ) from error


def is_secret_key_new(restored: datetime) -> bool:
    """Return whether the secret key in VAR_DIR is used and was made after the backup that is being restored."""
    if env("SECRET_KEY") or not STORED_SECRET_KEY.exists():
        return False
    return STORED_SECRET_KEY.stat().st_mtime > restored.timestamp()


def _store_secret_key() -> None:
    """Several processes may start at once: the first file stays, and it appears with its content."""
    with NamedTemporaryFile("w", dir=VAR_DIR, encoding="utf-8") as file:
        file.write(secrets.token_urlsafe(50))
        file.flush()
        with suppress(FileExistsError):
            os.link(file.name, STORED_SECRET_KEY)


def read_dotenv(path: Path) -> None:
    """Set the variables in `path` (`NAME=value` lines, `#` comments) that the environment doesn't set already."""
    if not path.is_file():
        return
    for line in path.read_text(encoding="utf-8").splitlines():
        name, equals, value = line.strip().removeprefix("export ").partition("=")
        if equals and not name.startswith("#"):
            os.environ.setdefault(name.strip(), value.strip().strip("\"'"))


def env(name: str, default: str = "") -> str:
    """Return the variable `name`, or the content of the file named by `{name}_FILE`. Empty values count as unset."""
    if value := os.environ.get(name):
        return value
    if path := os.environ.get(f"{name}_FILE"):
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ImproperlyConfigured(f"{name}_FILE: cannot read {path} ({error.strerror}).") from error
    return default


def features(names: str | None) -> list[str]:
    """Return the features of the site from names separated by commas; all of them for None.

    Raises ImproperlyConfigured for unknown ones, and if one is missing that another requires.
    """
    if names is None:
        return list(FEATURES)
    chosen = [name.strip() for name in names.split(",") if name.strip()]
    if unknown := [name for name in chosen if name not in FEATURES]:
        raise ImproperlyConfigured(
            f"FEATURES names “{unknown[0]}”, which is no feature. There are: {', '.join(FEATURES)}."
        )
    for name in chosen:
        if missing := [required for required in FEATURES[name] if required not in chosen]:
            raise ImproperlyConfigured(
                f"FEATURES names “{name}”, which requires “{missing[0]}”. Add it, or remove “{name}”."
            )
    return [name for name in FEATURES if name in chosen]


def plugins(text: str) -> list[str]:
    """Return the names of plug-ins, which are separated by commas.

    Raises ImproperlyConfigured for unknown ones, and for a folder in which an uninstalled one has left files: Python
    takes it for a package without code, and the site would run without the plug-in.
    """
    names = [name.strip() for name in text.split(",") if name.strip()]
    for name in names:
        spec = _spec(name) if re.fullmatch(r"[a-z_][a-z0-9_.]*", name) else None
        if spec is None or spec.origin is None:
            left = ", ".join(spec.submodule_search_locations or ()) if spec else ""
            remains = f" Of an earlier one, files are left in {left}." if left else ""
            raise ImproperlyConfigured(
                f"The plug-in “{name}” of PLUGINS is not installed.{remains} Name it in plugins.txt and run `./run "
                "install`, or remove it from PLUGINS."
            )
    return names


def _spec(module: str) -> ModuleSpec | None:
    try:
        return find_spec(module)
    except ImportError:
        return None


def env_bool(name: str, *, default: bool = False) -> bool:
    value = env(name, "1" if default else "").lower()
    if value not in TRUE | FALSE:
        raise ImproperlyConfigured(f"{name} is {value!r}: set it to 1 or 0.")
    return value in TRUE


def env_int(name: str, default: int) -> int:
    value = env(name, str(default))
    if not value.isdecimal():
        raise ImproperlyConfigured(f"{name} is {value!r}: set it to a whole number.")
    return int(value)


def env_numbers(name: str, default: str, count: int) -> tuple[int, ...]:
    """Return `count` whole numbers, separated by commas. The first one is not 0."""
    parts = env(name, default).replace(" ", "").split(",")
    if len(parts) != count or not all(part.isdecimal() for part in parts) or not int(parts[0]):
        raise ImproperlyConfigured(f"{name} is {env(name)!r}: set it to {count} whole numbers, as in {default}.")
    return tuple(map(int, parts))


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
        raise ImproperlyConfigured(f"{name} is {value!r}: set it to a time zone such as Europe/Berlin.") from error
    return value


def env_iban(name: str, default: str) -> str:
    """Return an account number in groups of four, as it is printed."""
    iban = compact(env(name, default))
    if iban and not is_iban(iban):
        raise ImproperlyConfigured(f"{name} is {iban!r}, which is not a valid IBAN. Check it for typing errors.")
    return in_groups(iban)


def env_bic(name: str) -> str:
    bic = compact(env(name))
    if bic and not is_bic(bic):
        raise ImproperlyConfigured(f"{name} is {bic!r}, which is not a valid BIC. It has 8 or 11 characters.")
    return bic


def env_sender(name: str, default: str) -> str:
    """Return an email address, with or without a name."""
    value = env(name, default)
    if not re.fullmatch(r"[^@\s]+@[^@\s]+", parseaddr(value)[1]):
        raise ImproperlyConfigured(f"{name} is {value!r}: set it to an email address such as post@news.example.org.")
    return value


def site_url(value: str) -> SplitResult:
    """Split SITE_URL. Raises ImproperlyConfigured if it has more than a scheme, a host and a port."""
    parts = parse_url("SITE_URL", value)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ImproperlyConfigured("SITE_URL must look like https://news.example.org.")
    if parts.path or parts.query or parts.username:
        raise ImproperlyConfigured(
            f"SITE_URL is {value!r}: set it to {parts.scheme}://{parts.netloc.rpartition('@')[2]}. The site needs a "
            "host of its own and cannot be below a path."
        )
    return parts


def media_url(value: str) -> str:
    """Return MEDIA_URL, which ends with a slash. Raises ImproperlyConfigured if it is neither a path nor a URL."""
    parts = parse_url("MEDIA_URL", value)
    is_url = parts.scheme in {"http", "https"} and parts.hostname
    if parts.query or not (is_url or (value.startswith("/") and not value.startswith("//"))):
        raise ImproperlyConfigured(f"MEDIA_URL is {value!r}: set it to a URL such as https://cdn.example.org/media/.")
    return value.rstrip("/") + "/"


def parse_url(name: str, url: str) -> SplitResult:
    """Split `url`, the value of the variable `name`. Raises ImproperlyConfigured if it is not a valid URL."""
    if "#" in url:
        raise ImproperlyConfigured(
            f"{name} contains “#”, which ends a URL. In a password, write # as %23, / as %2F, ? as %3F and @ as %40."
        )
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} is not a valid URL ({error}).") from error
    return parts


def database_settings(url: str) -> Setting:
    """Return Django's settings for `sqlite:///path` (relative to the project) or `postgres://…`."""
    parts = parse_url("DATABASE_URL", url)
    if parts.scheme == "sqlite":
        return _sqlite(unquote(parts.path.removeprefix("/")))
    if parts.scheme in {"postgres", "postgresql"}:
        return _postgres(parts)
    raise ImproperlyConfigured("DATABASE_URL must begin with sqlite:/// or postgres://.")


def _sqlite(path: str) -> Setting:
    if not path:
        raise ImproperlyConfigured("DATABASE_URL needs a file, as in sqlite:///var/truthlytics.sqlite3.")
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": BASE_DIR / path,
        # Opening the file and running the PRAGMAs takes as long as three queries. Not longer than a minute, so that
        # a file that replaces this one is noticed.
        "CONN_MAX_AGE": 60,
        "OPTIONS": {
            # With IMMEDIATE, writers wait at BEGIN instead of failing in the middle of a transaction.
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            # A cache of 4 MB per connection: larger ones use memory and make no search faster.
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-4000;",
        },
        # A file, because threads that share an in-memory database get "table is locked" errors.
        "TEST": {"NAME": VAR_DIR / "test.sqlite3"},
    }


def _postgres(parts: SplitResult) -> Setting:
    """`?pooled=1` is for PgBouncer in transaction mode, which doesn't support server-side cursors."""
    # Short timeouts, so that an unresponsive server doesn't block every thread.
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


def sentry_dsn(value: str) -> str:
    """Return SENTRY_DSN. Raises ImproperlyConfigured if it is malformed, or the package is missing."""
    if not value:
        return ""
    parts = parse_url("SENTRY_DSN", value)
    is_complete = parts.username and parts.hostname and re.fullmatch(r"(/[^/]+)*/[0-9]+", parts.path)
    if parts.scheme not in {"http", "https"} or not is_complete or parts.query:
        raise ImproperlyConfigured(
            "SENTRY_DSN must look like https://key@sentry.example.org/42. Copy it from the project in Sentry."
        )
    require_package("sentry_sdk", extra="sentry", reason="SENTRY_DSN is set")
    return value


def require_package(name: str, *, extra: str, reason: str) -> None:
    """Raise ImproperlyConfigured if the package of an extra is not installed. `reason` says what needs it."""
    if find_spec(name) is None:
        raise ImproperlyConfigured(f"{reason}, but a package is missing. Install the extra `{extra}`.")


def cache_settings(url: str) -> Setting:
    """Return Django's settings for one of these URLs. This cache holds only counters of attempts and used codes.

    - `db://`: a table that `migrate` creates
    - `redis://host:6379/0`, `rediss://` (TLS) or `unix://` (socket); needs the extra `redis`
    - `memory://`: for a single worker
    """
    # Django would delete valid rows above 300, and with them the counters of failed logins.
    unlimited = {"OPTIONS": {"MAX_ENTRIES": sys.maxsize}}
    parts = parse_url("CACHE_URL", url)
    match parts.scheme:
        case "db":
            table = {"BACKEND": "truthlytics.web.counter_cache.CounterCache", "LOCATION": "truthlytics_counters"}
            return table | unlimited
        case "memory":
            return {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"} | unlimited
        case "redis" | "rediss" | "unix" if parts.hostname or parts.path:
            require_package("redis", extra="redis", reason="CACHE_URL uses Redis")
            return {
                "BACKEND": "truthlytics.web.redis_counters.RedisCounters",
                "LOCATION": url,
                "KEY_PREFIX": "truthlytics",
                # In seconds, so that an unresponsive server doesn't block a thread for long.
                "OPTIONS": {"socket_timeout": 1, "socket_connect_timeout": 1},
            }
    raise ImproperlyConfigured("CACHE_URL must be db://, redis://host:6379/0 or memory://.")


def cdn_settings(url: str, token: str, max_age: int) -> Setting:
    """Return the CDN's provider, target, token, and how long (seconds) it keeps pages; nothing without a CDN.

    - `varnish://host:port`, or several separated by commas
    - `fastly://SERVICE_ID` and `cloudflare://ZONE_ID`, with a token
    """
    if not url:
        return {}
    found = re.fullmatch(r"(varnish|fastly|cloudflare)://([\w.:,\[\]-]+)/?", url)
    if not found:
        raise ImproperlyConfigured(
            "CDN_PURGE_URL must be varnish://host:port, fastly://SERVICE_ID or cloudflare://ZONE_ID."
        )
    provider, target = found.groups()
    if provider != "varnish" and not token:
        raise ImproperlyConfigured(f"CDN_PURGE_URL uses {provider}: set CDN_PURGE_TOKEN (or CDN_PURGE_TOKEN_FILE) too.")
    return {"provider": provider, "target": target, "token": token, "max_age": max_age}


def mailer_settings(url: str) -> Setting:
    """Return an entry of MAILERS for `smtp://user:password@host:587` (STARTTLS) or `smtps://…:465` (TLS).

    `anymail://postmark?server_token=…` is the API of a provider, with the options that django-anymail documents for it.
    """
    parts = parse_url("SMTP_URL", url)
    if parts.scheme == "anymail" and parts.hostname and parts.hostname.replace("_", "").isalnum():
        require_package("anymail", extra="mail", reason="SMTP_URL uses the API of a provider")
        return {"BACKEND": f"anymail.backends.{parts.hostname}.EmailBackend", "OPTIONS": dict(parse_qsl(parts.query))}
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
