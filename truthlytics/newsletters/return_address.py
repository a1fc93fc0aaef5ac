"""The sender's address of an email, which names the delivery, so that every delivery report is understood."""

import hmac
import re
from collections.abc import Iterator
from hashlib import sha256

from django.conf import settings

_LOCAL = re.compile(r"\+(\d{1,18})-([0-9a-f]{12})$")
_ADDRESS = re.compile(r"\+\d{1,18}-[0-9a-f]{12}@")


def return_address(delivery_id: int) -> str:
    """Return the address that reports about a delivery go to; "" without a mailbox for them."""
    if not settings.BOUNCE_ADDRESS:
        return ""
    local, _at, domain = settings.BOUNCE_ADDRESS.rpartition("@")
    return f"{local}+{delivery_id}-{_signature(delivery_id)}@{domain}"


def delivery_of(address: str) -> int | None:
    """Return the id of the delivery that `address` names; None if it was not sent by this site."""
    match = _LOCAL.search(address.rpartition("@")[0])
    if match is None or not hmac.compare_digest(match[2], _signature(int(match[1]))):
        return None
    return int(match[1])


def find_addresses(header: str) -> Iterator[str]:
    """Yield what looks like one of these addresses in a header with many, from its "+" to its "@"."""
    return (match[0] for match in _ADDRESS.finditer(header))


def _signature(delivery_id: int) -> str:
    """Return what only this site can compute, so that forged reports suppress no address."""
    return hmac.new(settings.SECRET_KEY.encode(), f"bounce {delivery_id}".encode(), sha256).hexdigest()[:12]
