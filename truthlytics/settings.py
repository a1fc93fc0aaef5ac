"""Settings, read from the environment: `.env.example` lists every variable. `policy` has those of every site."""

import logging
import os
import sys
from importlib.util import find_spec
from pathlib import Path
from tempfile import gettempdir
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from whitenoise.compress import Compressor

from truthlytics.env import (
    BASE_DIR,
    VAR_DIR,
    cache_settings,
    cdn_settings,
    database_settings,
    env,
    env_bic,
    env_bool,
    env_choice,
    env_iban,
    env_int,
    env_numbers,
    env_sender,
    env_time_zone,
    features,
    mailer_settings,
    media_url,
    plugins,
    read_dotenv,
    require_package,
    sentry_dsn,
    site_url,
    stored_secret_key,
)
from truthlytics.policy import *  # noqa: F403
from truthlytics.policy import INSTALLED_APPS, MIDDLEWARE, SECURE_CSP, SHORTEST_METRICS_TOKEN
from truthlytics.storage import backup_settings, media_csp_sources, media_storages
from truthlytics.web import log_lines
from truthlytics.web.login_providers import login_providers
from truthlytics.web.plugins import feature_apps

read_dotenv(BASE_DIR / ".env")

TESTING = sys.argv[1:2] == ["test"]
# `makemigrations` signs nothing, so it needs no secret key.
MAKING_MIGRATIONS = sys.argv[1:2] == ["makemigrations"]
DEMO = env_bool("TRUTHLYTICS_DEMO")
DEBUG = env_bool("DEBUG") and not DEMO

SECRET_KEY = env("SECRET_KEY")
if not SECRET_KEY and (DEBUG or TESTING or MAKING_MIGRATIONS):
    SECRET_KEY = "for-development-only-" + "x" * 40
if not SECRET_KEY:
    # Made by the commands that a site begins with.
    SECRET_KEY = stored_secret_key(create=DEMO or sys.argv[1:2] in (["start"], ["restore"]))
if not SECRET_KEY:
    raise ImproperlyConfigured(
        "Set SECRET_KEY (or SECRET_KEY_FILE, or DEBUG=1 while developing), or run `manage.py start` first, which makes "
        "a key."
    )

SITE_URL = env("SITE_URL", "http://localhost:8000").rstrip("/")
_site = site_url(SITE_URL)
HTTPS = _site.scheme == "https"
ALLOWED_HOSTS = [f"[{_site.hostname}]" if ":" in str(_site.hostname) else str(_site.hostname)]
# What the Host header becomes (truthlytics/web/hosts.py).
SITE_HOST = ALLOWED_HOSTS[0] + (f":{_site.port}" if _site.port not in {None, 443 if HTTPS else 80} else "")
# Whether the names of the machine itself are answered, too.
if LOCAL_HOSTS := DEBUG or DEMO:
    ALLOWED_HOSTS += ["localhost", "127.0.0.1", "[::1]"]
CSRF_TRUSTED_ORIGINS = [SITE_URL]
# The server speaks http, so an https site has a proxy in front of it.
TRUSTED_PROXY_COUNT = env_int("TRUSTED_PROXY_COUNT", 1 if HTTPS else 0)

# Whole pages for anonymous readers, cached in front of Django (truthlytics/cache). The workers of a machine share
# the file.
PAGE_CACHE = not (DEBUG or TESTING)
PAGE_CACHE_FILE = BASE_DIR / env("PAGE_CACHE_FILE", str(VAR_DIR / "page-generations"))
# A CDN that keeps pages until it is notified that they changed; empty without one.
CDN = cdn_settings(env("CDN_PURGE_URL"), env("CDN_PURGE_TOKEN"), env_int("CDN_MAX_AGE", 3600))
if PAGE_CACHE:
    MIDDLEWARE = ["truthlytics.cache.middleware.PageCacheMiddleware", *MIDDLEWARE]

# Features that can be left out, and Django apps by others (docs/extending.md). They come before those of Django: the
# roles get their permissions when all apps up to `sessions` have theirs (truthlytics/apps.py).
FEATURES = features(os.environ.get("FEATURES"))
PLUGINS = plugins(env("PLUGINS"))
_django = INSTALLED_APPS.index("django.contrib.auth")
INSTALLED_APPS = [
    *INSTALLED_APPS[:_django],
    *feature_apps(FEATURES),
    *PLUGINS,
    *INSTALLED_APPS[_django:],
]

ROOT_URLCONF = "truthlytics.urls"
WSGI_APPLICATION = "truthlytics.wsgi.application"
# Own templates and static files, used before those of the site (docs/themes.md).
THEME_DIR = BASE_DIR / env("THEME_DIR") if env("THEME_DIR") else None
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [*([THEME_DIR / "templates"] if THEME_DIR else []), BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": [("django.template.loaders.cached.Loader", ["truthlytics.web.template_loaders.CompactLoader"])],
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.csp",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "truthlytics.context_processors.publication",
                *(["truthlytics.tools.demo.context_processors.demo"] if DEMO else []),
            ],
            "libraries": {"fragments": "truthlytics.web.fragments.template_tag"},
        },
    }
]

DATABASES = {"default": database_settings(env("DATABASE_URL", f"sqlite:///{VAR_DIR}/truthlytics.sqlite3"))}
# Only PostgreSQL can serve several machines, each with a page cache of its own.
PAGE_CACHE_MACHINES = PAGE_CACHE and "postgresql" in DATABASES["default"]["ENGINE"]
# The private key that signs the transparency log. It must not be in the database, nor in the same backup.
RECORD_KEY_FILE = BASE_DIR / env("RECORD_KEY_FILE", str(VAR_DIR / "record-key.pem"))
# Where `tick` keeps a backup of each day, and the number of days, weeks and months of which it keeps one.
BACKUP_TO = backup_settings(env("BACKUP_TO"))
BACKUP_KEEP = env_numbers("BACKUP_KEEP", "7,5,12", 3)
if TESTING:
    BACKUP_TO = ""
    RECORD_KEY_FILE = Path(gettempdir()) / f"truthlytics-tests-{os.getpid()}" / "record-key.pem"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {"default": cache_settings(env("CACHE_URL", "db://"))}
# The queues are named in truthlytics/web/queues.py.
TASKS: dict[str, dict[str, Any]] = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": []}}
if TESTING:
    TASKS["default"]["BACKEND"] = "django.tasks.backends.immediate.ImmediateBackend"

# Metrics for Prometheus (truthlytics/metrics), for those who know the token.
METRICS_TOKEN = env("METRICS_TOKEN")
METRICS = len(METRICS_TOKEN) >= SHORTEST_METRICS_TOKEN and find_spec("prometheus_client") is not None

# Errors are reported there, without personal data (truthlytics/monitoring/sentry.py).
SENTRY_DSN = "" if TESTING else sentry_dsn(env("SENTRY_DSN"))
# A list of security releases, for Settings → System (truthlytics/monitoring/security_releases.py).
SECURITY_RELEASES_FILE = BASE_DIR / env("SECURITY_RELEASES_FILE") if env("SECURITY_RELEASES_FILE") else None

# --- Accounts --------------------------------------------------------------------------------------------------------
ACCOUNT_DEFAULT_HTTP_PROTOCOL = _site.scheme
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXY_COUNT
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS
# Google, Apple, Microsoft and other providers to log in with.
SOCIALACCOUNT_PROVIDERS = {} if TESTING else login_providers()

# --- Payments --------------------------------------------------------------------------------------------------------
PAYMENT_PROVIDERS = ["subscriptions.providers.manual.Manual"]
if DEMO or DEBUG:
    PAYMENT_PROVIDERS = ["truthlytics.tools.demo.provider.Demo", "subscriptions.providers.manual.Manual"]
STRIPE_SECRET_KEY, STRIPE_WEBHOOK_SECRET = env("STRIPE_SECRET_KEY"), env("STRIPE_WEBHOOK_SECRET")
STRIPE_API_BASE = env("STRIPE_API_BASE")  # another server than Stripe's, to try things out
STRIPE_AUTOMATIC_TAX, STRIPE_PROMOTION_CODES = env_bool("STRIPE_AUTOMATIC_TAX"), env_bool("STRIPE_PROMOTION_CODES")
if STRIPE_SECRET_KEY and not TESTING:
    PAYMENT_PROVIDERS.insert(0, "subscriptions.providers.stripe.Stripe")
DEFAULT_CURRENCY = env("DEFAULT_CURRENCY", "EUR")
# Days of access while a provider retries the charge for a renewal that failed.
GRACE_DAYS = env_int("GRACE_DAYS", 7)
BANK_TRANSFER = {
    "holder": env("BANK_HOLDER"),  # the publisher, if blank
    # The example IBAN from the standard: no such account exists.
    "iban": env_iban("BANK_IBAN", "DE89 3704 0044 0532 0130 00" if DEMO or DEBUG or TESTING else ""),
    "bic": env_bic("BANK_BIC"),
}

# --- Email -----------------------------------------------------------------------------------------------------------
DEFAULT_FROM_EMAIL = env_sender("MAIL_FROM", f"post@{_site.hostname}")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
if smtp_url := env("SMTP_URL"):
    MAILERS = {"default": mailer_settings(smtp_url)}
elif DEMO:
    MAILERS = {"default": {"BACKEND": "truthlytics.tools.demo.emails.DemoEmailBackend"}}
else:
    MAILERS = {"default": {"BACKEND": "django.core.mail.backends.console.EmailBackend"}}

# To people without an account, because someone has typed their address (truthlytics/web/budgets.py).
UNASKED_EMAILS_PER_HOUR = env_int("UNASKED_EMAILS_PER_HOUR", 3000)
# Emails a second, and in any 24 hours; 0 means any number. Providers tell new customers to begin slowly.
NEWSLETTER_RATE = env_int("NEWSLETTER_RATE", 0)
NEWSLETTER_PER_DAY = env_int("NEWSLETTER_PER_DAY", 0)
# Another mail server, or the API of a provider, for newsletters only.
if newsletter_mail_url := env("NEWSLETTER_MAIL_URL"):
    MAILERS["newsletters"] = mailer_settings(newsletter_mail_url)
# The mailbox for delivery reports, as imaps://user:password@host/folder, and the address that leads to it. It must also
# receive what is addressed to bounces+anything@…
BOUNCE_MAILBOX_URL = env("BOUNCE_MAILBOX_URL")
BOUNCE_ADDRESS = env("BOUNCE_ADDRESS")
# "user:password" in the URL at which the provider reports events: https://user:password@site/mail-events/…
MAIL_EVENTS_SECRET = env("MAIL_EVENTS_SECRET")
# Some providers do not repeat our metadata in their events, which then name the address only.
ANYMAIL: dict[str, Any] = {"IGNORE_UNSUPPORTED_FEATURES": True}
if MAIL_EVENTS_SECRET:
    require_package("anymail", extra="mail", reason="MAIL_EVENTS_SECRET is set")
    ANYMAIL["WEBHOOK_SECRET"] = MAIL_EVENTS_SECRET

# --- Files -----------------------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / env("STATIC_ROOT", str(VAR_DIR / "static"))
STATICFILES_DIRS = [THEME_DIR / "static"] if THEME_DIR and (THEME_DIR / "static").is_dir() else []
MEDIA_URL = media_url(env("MEDIA_URL", "/media/"))
MEDIA_ROOT = VAR_DIR / "media"
STORAGES = media_storages(MEDIA_URL) | {"staticfiles": {"BACKEND": "truthlytics.staticfiles.SiteStaticFilesStorage"}}
# Of readers' pages and of the newsroom. `collectstatic` makes one file of the many that the first one imports.
STYLESHEET = "css/layers.css" if DEBUG or TESTING else "css/site.css"
NEWSROOM_STYLESHEET = "newsroom/css/layers.css" if DEBUG or TESTING else "newsroom/css/newsroom.css"
if DEBUG or TESTING:
    STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
if TESTING:
    memory = {"BACKEND": "django.core.files.storage.InMemoryStorage"}
    STORAGES |= {"default": memory | {"OPTIONS": {"base_url": MEDIA_URL}}, "originals": memory}
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = [*Compressor.SKIP_COMPRESS_EXTENSIONS, "map"]
WHITENOISE_USE_FINDERS = DEBUG or TESTING
# Files are looked up when requested, so STATIC_ROOT need not exist.
WHITENOISE_AUTOREFRESH = DEBUG or TESTING
# Uploaded exports and reports, which are private, and the folder with files to choose for an import.
IMPORT_WORK_DIR = VAR_DIR / "imports"
IMPORT_DIR = BASE_DIR / env("IMPORT_DIR", str(IMPORT_WORK_DIR))

# --- Security --------------------------------------------------------------------------------------------------------
SECURE_CSP = SECURE_CSP | {"img-src": [*SECURE_CSP["img-src"], *media_csp_sources(MEDIA_URL)]}
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = HTTPS
SECURE_SSL_REDIRECT = HTTPS
if HTTPS:
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
    # Affects other sites of the domain, so the operator must opt in.
    SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = env_bool("HSTS_WHOLE_DOMAIN")
if TRUSTED_PROXY_COUNT:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# --- Language, time zone, editor --------------------------------------------------------------------------------------
TIME_ZONE = env_time_zone("TIME_ZONE", "UTC")
LOCALE_PATHS = [BASE_DIR / "truthlytics/locale", BASE_DIR / "truthlytics/locale/accounts"]
FORMAT_MODULE_PATH = "truthlytics.locale"
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
log_level = env_choice("LOG_LEVEL", "INFO", LOG_LEVELS)
LOG_FORMAT = env_choice("LOG_FORMAT", "text", log_lines.FORMATS)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": log_lines.formatter(LOG_FORMAT)},
    "filters": {"expected": {"()": "django.utils.log.CallbackFilter", "callback": log_lines.expected_status_is_info}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": log_level},
    "loggers": {
        # Without Django's own handler, which would print lines twice. Its DEBUG lines are about every query.
        "django": {"level": "INFO" if log_level == "DEBUG" else log_level},
        "django.request": {"filters": ["expected"]},
    },
}
if TESTING:
    TEST_RUNNER = "tests.runner.Runner"
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    logging.disable(logging.CRITICAL if os.environ.get("QUIET", "1") == "1" else logging.NOTSET)
