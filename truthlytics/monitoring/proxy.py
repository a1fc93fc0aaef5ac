"""What the proxy of the site lets through, asked once a day for *Settings → System*."""

from datetime import datetime, timedelta
from typing import NamedTuple
from urllib.parse import urlsplit

from django.conf import settings
from django.core.cache import cache

from truthlytics.server.proxy_check import Proxy, UnreachableError, check_headers

KEY, EVERY = "proxy-check", timedelta(days=1)


class ProxyState(NamedTuple):
    """`wrong` is the number of findings that must be changed, None if the site did not answer itself."""

    checked_at: datetime
    wrong: int | None


def check_due(now: datetime) -> int:
    """Send hostile headers through the address of the site unless that was done in the last day.

    Returns the number of checks, 0 or 1.
    """
    last = last_state()
    if not settings.TRUSTED_PROXY_COUNT or (last and now - EVERY < last.checked_at <= now):
        return 0
    try:
        findings = list(check_headers(Proxy(urlsplit(settings.SITE_URL))))
    except UnreachableError:
        wrong = None
    else:
        wrong = sum(not finding.is_right for finding in findings)
    cache.set(KEY, ProxyState(now, wrong), None)
    return 1


def last_state() -> ProxyState | None:
    """Return what the last check found, None if there was none."""
    state: ProxyState | None = cache.get(KEY)
    return state
