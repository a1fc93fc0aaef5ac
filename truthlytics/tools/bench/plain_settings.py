"""Settings for `plain_view`: its own addresses, and of the middleware only what Django brings."""

from truthlytics.settings import *  # noqa: F403 - settings that extend others

# allauth refuses to start without its own.
KEPT = ("django.", "allauth.account.")
MIDDLEWARE = [name for name in MIDDLEWARE if name.startswith(KEPT) and "csp" not in name]  # noqa: F405
ROOT_URLCONF = "truthlytics.tools.bench.plain_view"
