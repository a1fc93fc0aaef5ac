"""Rate limits by account and by IP address, counted in the shared cache."""

import hashlib
import ipaddress
import time
from collections.abc import Sequence
from contextlib import suppress

from django.conf import settings
from django.core.cache import cache
from django.db import OperationalError
from django.http import HttpRequest

from truthlytics.web.counter_cache import NotCountedError


def client_ip(request: HttpRequest) -> str:
    """Return the client's IP address, for IPv6 its /64 network; "unknown" if there is none."""
    return address_of(str(request.META.get("REMOTE_ADDR") or ""), request.headers.get("X-Forwarded-For", ""))


def address_of(address: str, forwarded: str) -> str:
    """Return the client's IP address, for IPv6 its /64 network; "unknown" if there is none.

    With `TRUSTED_PROXY_COUNT` proxies in front of the site, it is the entry of X-Forwarded-For that the outermost of
    them added, never one that the client sent. Without, it is the `address` that the connection comes from.
    """
    if hops := settings.TRUSTED_PROXY_COUNT:
        entries = [part.strip() for part in forwarded.split(",")]
        address = entries[-hops] if len(entries) >= hops else address
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if mapped := getattr(ip, "ipv4_mapped", None):  # a dual-stack socket reports ::ffff:192.0.2.1
        ip = mapped
    # A household usually has a /64 network, so limits for single IPv6 addresses would be ineffective.
    return str(ipaddress.ip_network((ip, 64), strict=False)) if ip.version == 6 else str(ip)


def consume(scope: str, key: str, *, limit: int, seconds: int) -> bool:
    """Count a use of `scope` by `key`. Returns False if it exceeds `limit` in this window of `seconds`."""
    return _count(_name(scope, key, seconds), limit, 2 * seconds)


def give_back(scope: str, key: str, *, seconds: int) -> None:
    """Undo a use that `consume` has counted. Does nothing if its window has ended."""
    with suppress(ValueError):
        cache.decr(_name(scope, key, seconds))


def used(scope: str, key: str, *, seconds: int) -> int:
    """Return how many uses `consume` has counted in this window. Writes nothing."""
    count: int = cache.get(_name(scope, key, seconds), 0)
    return count


def used_lately(scopes: Sequence[str], key: str, *, seconds: int) -> list[tuple[int, int]]:
    """Return the uses of each scope in this window and in the one before. One query."""
    names = [[_name(scope, key, seconds, ago) for ago in (0, 1)] for scope in scopes]
    counts = cache.get_many([name for pair in names for name in pair])
    return [(counts.get(now, 0), counts.get(before, 0)) for now, before in names]


def consume_once(scope: str, key: str, *, limit: int, seconds: int) -> bool:
    """Count a use of `scope` by `key`, which no one uses after `seconds`. Returns False if it exceeds `limit` in all.

    For what must not be tried again in the next window, such as a code.
    """
    return _count(f"limit:{scope}:{_hash(key)}", limit, seconds)


def failed_too_often(request: HttpRequest, scope: str, *, limit: int, seconds: int) -> bool:
    """Return whether `record_failure` has counted `limit` failures from this address in this window of `seconds`.

    Writes nothing, so that pages with a key in their URL can be opened while the database is locked.
    """
    return used(scope, client_ip(request), seconds=seconds) >= limit


def record_failure(request: HttpRequest, scope: str, *, seconds: int) -> None:
    """Count a wrong key from this address. It is not counted while the database is locked."""
    with suppress(OperationalError):
        consume(scope, client_ip(request), limit=0, seconds=seconds)


def _name(scope: str, key: str, seconds: int, windows_ago: int = 0) -> str:
    return f"limit:{scope}:{window(seconds) - windows_ago}:{_hash(key)}"


def window(seconds: int) -> int:
    """Return the number of the current window of `seconds`."""
    return int(time.time()) // seconds


def seconds_left(seconds: int) -> int:
    """Return in how many seconds the next window of `seconds` begins: a value for `Retry-After`."""
    return seconds - int(time.time()) % seconds


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:32]


def _count(name: str, limit: int, expiry: int) -> bool:
    try:
        try:
            count = cache.incr(name)
        except ValueError:  # the first use
            cache.add(name, 0, expiry)
            count = cache.incr(name)
    except ValueError as error:
        raise NotCountedError("A counter of attempts could not be stored.") from error
    return count <= limit


def allow(request: HttpRequest, scope: str, *, per_account: int, per_address: int, seconds: int) -> bool:
    """Count a use of `scope` by this client. Returns False if the account or the IP address exceeds its limit."""
    user = getattr(request, "user", None)
    account = (
        user is None or not user.is_authenticated or consume(scope, f"a{user.pk}", limit=per_account, seconds=seconds)
    )
    return account and consume(scope, client_ip(request), limit=per_address, seconds=seconds)
