"""The name of this site in the Host header: that of SITE_URL, in one spelling."""

import re

from django.conf import settings
from django.http import HttpRequest

DEFAULT_PORTS = {"http": "80", "https": "443"}
_LOCAL = re.compile(r"(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?", re.ASCII)


def own_host(host: str) -> str | None:
    """Return the value of a Host header as SITE_URL spells it, or None if it names another site or port.

    Some proxies leave the port out, and some add that of the scheme. `DEBUG` and the demo also answer to the names of
    the machine itself, with any port; these are returned as they are.
    """
    host = host.lower()
    name = settings.ALLOWED_HOSTS[0]
    default_port = DEFAULT_PORTS[settings.SITE_URL.partition(":")[0]]
    if host in {settings.SITE_HOST, name, f"{name}:{default_port}"}:
        return str(settings.SITE_HOST)
    return host if settings.LOCAL_HOSTS and _LOCAL.fullmatch(host) else None


def is_cached_host(host: str) -> bool:
    """Return whether pages for this Host header are kept. It is no part of their keys that a client can invent."""
    return host == settings.SITE_HOST or host in settings.ALLOWED_HOSTS


def is_same_origin(request: HttpRequest) -> bool:
    """Whether the Origin header names this site."""
    return request.headers.get("Origin") == f"{request.scheme}://{request.get_host()}"
