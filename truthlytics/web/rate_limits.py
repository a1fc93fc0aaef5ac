"""Rate limits by account and by address, counted in the shared cache."""

import hashlib
import ipaddress
import time

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """The visitor's IP address: the entry that our own proxies wrote, never one that the visitor sent.

    With `TRUSTED_PROXY_COUNT` proxies before the site, it is that many from the right of X-Forwarded-For.
    """
    hops = settings.TRUSTED_PROXY_COUNT
    address = str(request.META.get("REMOTE_ADDR") or "")
    if hops:
        forwarded = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",")]
        address = forwarded[-hops] if len(forwarded) >= hops else address
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if mapped := getattr(ip, "ipv4_mapped", None):  # a socket for both kinds writes ::ffff:192.0.2.1
        ip = mapped
    # One household has a /64: counting single addresses in it would limit nobody.
    return str(ipaddress.ip_network((ip, 64), strict=False)) if ip.version == 6 else str(ip)


def spend(scope: str, key: str, *, limit: int, seconds: int) -> bool:
    """Count one use of `scope` by `key`; False when it is more than `limit` in this window of `seconds`.

    Two uses at the same instant may count as one: a limit is politeness, constraints carry what must hold.
    """
    window = int(time.time()) // seconds
    name = f"limit:{scope}:{window}:{hashlib.sha256(key.encode()).hexdigest()[:32]}"
    used = cache.get(name, 0) + 1
    if used <= limit + 1:
        # Not `incr`: on most caches it forgets when the entry ends.
        cache.set(name, used, seconds)
    return bool(used <= limit)


def allow(request: HttpRequest, scope: str, *, per_account: int, per_address: int, seconds: int) -> bool:
    """Count one use of `scope` by this visitor; False when account or address has had its share."""
    user = getattr(request, "user", None)
    account = (
        user is None or not user.is_authenticated or spend(scope, f"a{user.pk}", limit=per_account, seconds=seconds)
    )
    return account and spend(scope, client_address(request), limit=per_address, seconds=seconds)
