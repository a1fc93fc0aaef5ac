"""Settings, read from the environment. `.env.example` lists every variable."""

import logging
import os
import sys
from pathlib import Path
from tempfile import gettempdir
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.utils.csp import CSP
from django_prose_editor.config import html_tags
from js_asset import static_lazy
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
    mailer_settings,
    media_url,
    read_dotenv,
    require_package,
    site_url,
    stored_secret_key,
)
from truthlytics.storage import backup_settings, media_csp_sources, media_storages
from truthlytics.web import log_lines

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
ALLOWED_HOSTS = [str(_site.hostname)]
if DEBUG or DEMO:
    ALLOWED_HOSTS += ["localhost", "127.0.0.1", "[::1]"]
CSRF_TRUSTED_ORIGINS = [SITE_URL]
# The server speaks http, so an https site has a proxy in front of it.
TRUSTED_PROXY_COUNT = env_int("TRUSTED_PROXY_COUNT", 1 if HTTPS else 0)

INSTALLED_APPS = [
    "truthlytics.apps.TruthlyticsConfig",
    "articles.apps.ArticlesConfig",
    "subscriptions.apps.SubscriptionsConfig",
    "comments.apps.CommentsConfig",
    "truthlytics.newsletters.apps.NewslettersConfig",
    "truthlytics.transparency.apps.TransparencyConfig",
    "truthlytics.apps.NewsroomAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "django_prose_editor",
    "django_tasks_db",
]

MIDDLEWARE = [
    "truthlytics.server.health.HealthMiddleware",
    "truthlytics.web.read_counter.ReadCounterMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "truthlytics.web.pages.PrivateByDefaultMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "truthlytics.web.body_limit.BodyLimitMiddleware",
    "truthlytics.web.unavailable.BusyMiddleware",
    "truthlytics.publication.language.SiteLanguageMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "subscriptions.middleware.AccessMiddleware",
    "subscriptions.middleware.KnownDeviceMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "articles.middleware.RedirectMiddleware",
]

# Whole pages for anonymous readers, cached in front of Django (truthlytics/cache). The workers of a machine share
# the file.
PAGE_CACHE = not (DEBUG or TESTING)
PAGE_CACHE_FILE = BASE_DIR / env("PAGE_CACHE_FILE", str(VAR_DIR / "page-generations"))
PAGE_CACHE_BYTES = 64 * 1024 * 1024
# Query parameters that are part of the cache key, by path; elsewhere only `after` and `comments` are.
PAGE_CACHE_QUERIES = {"/search/": {"q", "section", "author", "kind", "year", "sort", "after"}}
# Rendered fragments, used for page cache misses and for logged-in readers (docs/fragments.md).
FRAGMENT_BYTES = 32 * 1024 * 1024
# A CDN that keeps pages until it is notified that they changed; empty without one.
CDN = cdn_settings(env("CDN_PURGE_URL"), env("CDN_PURGE_TOKEN"), env_int("CDN_MAX_AGE", 3600))
if PAGE_CACHE:
    MIDDLEWARE.insert(0, "truthlytics.cache.middleware.PageCacheMiddleware")

ROOT_URLCONF = "truthlytics.urls"
WSGI_APPLICATION = "truthlytics.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": [("django.template.loaders.cached.Loader", ["truthlytics.web.template_loaders.CompactLoader"])],
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.csp",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "truthlytics.context_processors.publication",
                *(["truthlytics.demo.context_processors.demo"] if DEMO else []),
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

# --- Accounts --------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "subscriptions.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "subscriptions:account"
LOGOUT_REDIRECT_URL = "articles:front"
ACCOUNT_ADAPTER = "subscriptions.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
# No asterisk: the password is optional, because readers can log in with a code sent by email.
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1"]
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_NOTIFICATIONS = True
# The default, once in ten seconds, rejects a double click.
ACCOUNT_RATE_LIMITS = {"confirm_email": "3/30s/key"}
ACCOUNT_SIGNUP_FORM_CLASS = "subscriptions.forms.SignupForm"
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
# As long as the code that confirms an address: a mail server may be unreachable for some minutes.
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 15 * 60
ACCOUNT_FORMS = {
    "signup": "subscriptions.forms.accounts.SignUpForm",
    "reset_password": "subscriptions.forms.accounts.PasswordResetForm",
    "request_login_code": "subscriptions.forms.accounts.LoginCodeForm",
    "confirm_login_code": "subscriptions.forms.accounts.ConfirmLoginCodeForm",
    "confirm_email_verification_code": "subscriptions.forms.accounts.ConfirmEmailForm",
}
ACCOUNT_USER_DISPLAY = "subscriptions.adapter.user_display"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_CHANGE_EMAIL = ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_DEFAULT_HTTP_PROTOCOL = _site.scheme
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXY_COUNT
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_FORMS = {
    "add_webauthn": "subscriptions.forms.passkeys.AddPasskeyForm",
    "authenticate_webauthn": "subscriptions.forms.passkeys.AuthenticatePasskeyForm",
    "login_webauthn": "subscriptions.forms.passkeys.LoginPasskeyForm",
    "reauthenticate_webauthn": "subscriptions.forms.passkeys.ReauthenticatePasskeyForm",
}
MFA_ADAPTER = "subscriptions.adapter.MFAAdapter"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS
USERSESSIONS_TRACK_ACTIVITY = False

# --- Payments --------------------------------------------------------------------------------------------------------
PAYMENT_PROVIDERS = ["subscriptions.providers.manual.Manual"]
if DEMO or DEBUG:
    PAYMENT_PROVIDERS = ["truthlytics.demo.provider.Demo", "subscriptions.providers.manual.Manual"]
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
    MAILERS = {"default": {"BACKEND": "truthlytics.demo.emails.DemoEmailBackend"}}
else:
    MAILERS = {"default": {"BACKEND": "django.core.mail.backends.console.EmailBackend"}}

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

SILENCED_SYSTEM_CHECKS = [
    "mail.E001",  # truthlytics.E001 reports it with the variable to set
    "security.W005",  # HSTS for subdomains and preloading are set with HSTS_WHOLE_DOMAIN
    "security.W021",
]

# --- Files -----------------------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / env("STATIC_ROOT", str(VAR_DIR / "static"))
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
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000
# In bytes: a file of 30 MB and its form fields, only at these addresses. Larger requests are rejected unread.
LARGEST_UPLOAD = 32 * 1024 * 1024
UPLOAD_PATHS = (
    "/admin/articles/image/", "/admin/articles/document/", "/admin/articles/recording/",
    "/admin/truthlytics/publication/", "/admin/import/",
)  # fmt: skip
# Uploaded exports and reports, which are private, and the folder with files to choose for an import.
IMPORT_WORK_DIR = VAR_DIR / "imports"
IMPORT_DIR = BASE_DIR / env("IMPORT_DIR", str(IMPORT_WORK_DIR))
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

# --- Security --------------------------------------------------------------------------------------------------------
# Hash of the <style> that the editor's core injects (tests/articles/test_editor.py computes it from the installed
# file). If it were blocked, every typed space would be stored as &nbsp;.
EDITOR_STYLE = "'sha256-PlumsSlvJ7vvWzjqibGAYKq92O3y/4JTxWWsWJvyUYA='"
SECURE_CSP = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF],
    "font-src": [CSP.SELF],
    "media-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    "manifest-src": [CSP.SELF],
    "form-action": [CSP.SELF],
    "frame-ancestors": [CSP.NONE],
    "base-uri": [CSP.NONE],
}
SECURE_CSP["img-src"] += media_csp_sources(MEDIA_URL)
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "truthlytics.views.csrf_failure"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_SSL_REDIRECT = HTTPS
if HTTPS:
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
    # Affects other sites of the domain, so the operator must opt in.
    SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = env_bool("HSTS_WHOLE_DOMAIN")
if TRUSTED_PROXY_COUNT:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# In a cookie: cached pages must not read the session to look for messages.
MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"

# Requests with one of these cookies bypass the page cache and get private pages.
PERSONAL_COOKIES = ["sessionid", "cart", "messages"]

# --- Language, time zone, editor --------------------------------------------------------------------------------------
LANGUAGE_CODE = "en-gb"
TIME_ZONE = env_time_zone("TIME_ZONE", "UTC")
USE_TZ = True
USE_I18N = True
LOCALE_PATHS = [BASE_DIR / "truthlytics/locale", BASE_DIR / "truthlytics/locale/accounts"]
FORMAT_MODULE_PATH = "truthlytics.locale"
# The project's own editor extensions. Fields enable them by name (articles/richtext/vocabulary.py).
EDITOR_SCRIPTS = (
    "extensions", "sources", "library-figure", "gallery", "move-blocks", "image-drop", "callout", "embed",
    "paste/paste", "smart-quotes", "insert-menu",
)  # fmt: skip
DJANGO_PROSE_EDITOR_EXTENSIONS = [
    {
        "js": [static_lazy(f"newsroom/js/editor/{name}.js") for name in EDITOR_SCRIPTS],
        "extensions": {
            "Footnote": html_tags(["sup"], {"sup": ["data-footnote"]}),
            "SourceMarks": html_tags(["a", "sup"], {"a": ["data-source"], "sup": ["data-source"]}),
            "PullQuote": html_tags(["aside"], {"aside": ["class", "data-by"]}),
            "Callout": html_tags(["aside"], {"aside": ["class"]}),
            "LibraryFigure": html_tags(["figure", "figcaption"], {"figure": ["data-image", "data-size"]}),
            "Gallery": html_tags(["div"], {"div": ["data-gallery"]}),
            "Gate": html_tags(["hr"], {"hr": ["data-gate"]}),
            "Embed": html_tags(["div"], {"div": ["data-embed", "data-title", "data-image"]}),
            "NewsTools": html_tags([]),
            "CleanPaste": html_tags([]),
            "SmartQuotes": html_tags([]),
            "InsertMenu": html_tags([]),
            "ImageDrop": html_tags([]),
            "MoveBlocks": html_tags([]),
        },
    }
]

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
