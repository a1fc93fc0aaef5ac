"""Settings that are the same for every site: apps, accounts, limits and security. `settings` imports them."""

from django.utils.csp import CSP
from django_prose_editor.config import html_tags
from js_asset import static_lazy

INSTALLED_APPS = [
    "truthlytics.apps.TruthlyticsConfig",
    "articles.apps.ArticlesConfig",
    "subscriptions.apps.SubscriptionsConfig",
    "comments.apps.CommentsConfig",
    "truthlytics.newsletters.apps.NewslettersConfig",
    "truthlytics.transparency.apps.TransparencyConfig",
    "truthlytics.statistics.apps.StatisticsConfig",
    "truthlytics.events.apps.EventsConfig",
    "truthlytics.tools",
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
    "allauth.socialaccount",
    "allauth.usersessions",
    "django_prose_editor",
    "django_tasks_db",
]

MIDDLEWARE = [
    "truthlytics.web.request_ids.RequestIdMiddleware",
    "truthlytics.server.health.HealthMiddleware",
    "truthlytics.monitoring.slow_pages.SlowPagesMiddleware",
    "truthlytics.statistics.middleware.ReadCounterMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "truthlytics.web.pages.PrivateByDefaultMiddleware",
    "truthlytics.crawlers.middleware.LicenseMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "truthlytics.web.body_limit.BodyLimitMiddleware",
    "truthlytics.publication.unavailable.BusyMiddleware",
    "truthlytics.publication.language.SiteLanguageMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "subscriptions.middleware.AccessMiddleware",
    "subscriptions.middleware.KnownDeviceMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "subscriptions.middleware.StaffSessionMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "truthlytics.monitoring.stranger_limits.StrangerLimitsMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "articles.middleware.RedirectMiddleware",
]

# --- Caches ----------------------------------------------------------------------------------------------------------
PAGE_CACHE_BYTES = 64 * 1024 * 1024
# Query parameters that are part of the cache key, by path; elsewhere only `after` and `comments` are.
PAGE_CACHE_QUERIES = {"/search/": {"q", "section", "author", "kind", "year", "sort", "after"}}
# Rendered fragments, used for page cache misses and for logged-in readers (docs/fragments.md).
FRAGMENT_BYTES = 32 * 1024 * 1024

# Characters.
SHORTEST_METRICS_TOKEN = 32

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
ACCOUNT_RATE_LIMITS = {
    # The default, once in ten seconds, rejects a double click.
    "confirm_email": "3/30s/key",
    # These would count what strangers do as the owner's. truthlytics/web/budgets.py decides instead.
    "login": None,
    "login_failed": None,
    "request_login_code": None,
    "reset_password": None,
}
ACCOUNT_SIGNUP_FORM_CLASS = "subscriptions.forms.SignupForm"
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
# As long as the code that confirms an address: a mail server may be unreachable for some minutes.
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 15 * 60
ACCOUNT_FORMS = {
    "login": "subscriptions.forms.accounts.LoginForm",
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
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_FORMS = {
    "authenticate": "subscriptions.forms.second_factors.AuthenticateForm",
    "reauthenticate": "subscriptions.forms.second_factors.ReauthenticateForm",
    "add_webauthn": "subscriptions.forms.passkeys.AddPasskeyForm",
    "authenticate_webauthn": "subscriptions.forms.passkeys.AuthenticatePasskeyForm",
    "login_webauthn": "subscriptions.forms.passkeys.LoginPasskeyForm",
    "reauthenticate_webauthn": "subscriptions.forms.passkeys.ReauthenticatePasskeyForm",
}
MFA_ADAPTER = "subscriptions.adapter.MFAAdapter"
USERSESSIONS_TRACK_ACTIVITY = False
SOCIALACCOUNT_ADAPTER = "subscriptions.identity.adapter.SocialAccountAdapter"
# The adapter decides whether an address is proof enough to open the account that has it.
SOCIALACCOUNT_EMAIL_AUTHENTICATION = SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
# The address of a connected account is confirmed already: by a code, or by the provider.
SOCIALACCOUNT_EMAIL_VERIFICATION = "none"
SOCIALACCOUNT_STORE_TOKENS = False

SILENCED_SYSTEM_CHECKS = [
    # The keys of features delete in the database, so that rows of one that is off keep nothing from being deleted. The
    # models that they point to delete in Python, which is safe: rows of features have nothing of the core below them.
    "fields.E323",
    "mail.E001",  # truthlytics.E001 reports it with the variable to set
    "security.W005",  # HSTS for subdomains and preloading are set with HSTS_WHOLE_DOMAIN
    "security.W021",
]

# --- Uploads ---------------------------------------------------------------------------------------------------------
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000
# In bytes: a file of 30 MB and its form fields, only at these addresses. Larger requests are rejected unread.
LARGEST_UPLOAD = 32 * 1024 * 1024
UPLOAD_PATHS = (
    "/admin/articles/image/",
    "/admin/articles/document/",
    "/admin/articles/recording/",
    "/admin/truthlytics/publication/",
    "/admin/import/",
)
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
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "truthlytics.views.csrf_failure"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
# In a cookie: cached pages must not read the session to look for messages.
MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"

# Requests with one of these cookies bypass the page cache and get private pages.
PERSONAL_COOKIES = ["sessionid", "cart", "messages"]

# --- Language, editor ------------------------------------------------------------------------------------------------
LANGUAGE_CODE = "en-gb"
# The language that a browser has chosen for the newsroom. Readers' pages have the publication's.
LANGUAGE_COOKIE_NAME, LANGUAGE_COOKIE_PATH = "language", "/admin/"
LANGUAGE_COOKIE_AGE = 400 * 24 * 3600
LANGUAGE_COOKIE_HTTPONLY, LANGUAGE_COOKIE_SAMESITE = True, "Lax"
USE_TZ = True
USE_I18N = True
# The project's own editor extensions. Fields enable them by name (articles/richtext/vocabulary.py).
EDITOR_SCRIPTS = (
    "extensions", "sources", "library-figure", "gallery", "move-blocks", "image-drop", "callout", "embed",
    "link-button", "paste/paste", "smart-quotes", "insert-menu",
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
            "LinkButton": html_tags(["p", "a"], {"p": ["data-button"], "a": ["href"]}),
            "NewsTools": html_tags([]),
            "CleanPaste": html_tags([]),
            "SmartQuotes": html_tags([]),
            "InsertMenu": html_tags([]),
            "ImageDrop": html_tags([]),
            "MoveBlocks": html_tags([]),
        },
    }
]
