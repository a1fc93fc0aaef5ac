"""Key directories of agents: JSON Web Key Sets with Ed25519 keys, pasted or fetched from the agent's own site."""

import base64
import binascii
import json
import socket
from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from http import HTTPStatus
from http.client import HTTPException

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from truthlytics.crawlers.models import SignedAgent
from truthlytics.web.public_http import (
    Connect,
    RefusedError,
    Resolve,
    Target,
    local_target,
    open_response,
    resolve_host,
    target_of,
)

PATH = "/.well-known/http-message-signatures-directory"
MEDIA_TYPE = "application/http-message-signatures-directory+json"
MAX_BYTES, MAX_KEYS = 64 * 1024, 20
# Keys are fetched again, so that one that an agent withdraws is not known for longer.
EVERY, AFTER_FAILURE = timedelta(days=1), timedelta(hours=1)
KEY_LENGTH = 32
# Some directories have times in milliseconds.
MOST_SECONDS = 100_000_000_000


def read_directory(text: str | bytes) -> list[dict[str, object]]:
    """Return the Ed25519 keys of a directory, each with its thumbprint. Raises ValidationError."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        document = None
    keys = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(keys, list):
        raise ValidationError(_('This is not a key directory in JSON, which begins with {"keys": [.'))
    if any(isinstance(key, dict) and "d" in key for key in keys):
        raise ValidationError(_("The directory has a private key. Enter public keys only."))
    known = [found for key in keys[:MAX_KEYS] if isinstance(key, dict) and (found := _read_key(key))]
    if not known:
        raise ValidationError(_("The directory has no key of the type Ed25519."))
    return known


def _read_key(key: Mapping[str, object]) -> dict[str, object] | None:
    public = key.get("x")
    if (key.get("kty"), key.get("crv")) != ("OKP", "Ed25519") or not isinstance(public, str):
        return None
    try:
        length = len(base64.b64decode(public + "=" * (-len(public) % 4), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError):
        return None
    if length != KEY_LENGTH or key.get("use", "sig") != "sig":
        return None
    times = {name: _seconds(key.get(name)) for name in ("nbf", "exp")}
    return {"thumbprint": thumbprint(public), "x": public, **times}


def thumbprint(public: str) -> str:
    """Return the name of a key (RFC 7638), with which a signature refers to it."""
    text = json.dumps({"crv": "Ed25519", "kty": "OKP", "x": public}, separators=(",", ":"))
    return base64.urlsafe_b64encode(sha256(text.encode()).digest()).decode().rstrip("=")


def _seconds(value: object) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return 0
    return value / 1000 if value > MOST_SECONDS else value


def fetch_due(now: datetime, *, resolve: Resolve = resolve_host, connect: Connect = socket.create_connection) -> int:
    """Fetch the directories that a publisher asked for, and once a day again. Returns how many were fetched."""
    count = 0
    for agent in SignedAgent.objects.filter(fetch_at__lte=now).order_by("fetch_at", "pk"):
        try:
            keys = read_directory(_fetch(agent.host, resolve, connect))
        except ValidationError:
            agent.record_failure(SignedAgent.Problem.NO_DIRECTORY, now + AFTER_FAILURE)
        except RefusedError:
            agent.record_failure(SignedAgent.Problem.NOT_PUBLIC, now + AFTER_FAILURE)
        except (OSError, HTTPException):
            agent.record_failure(SignedAgent.Problem.UNREACHABLE, now + AFTER_FAILURE)
        else:
            agent.record_keys(keys, now, now + EVERY)
            count += 1
    return count


def directory_at(host: str) -> Target:
    """Return where the directory of `host` is. Raises RefusedError if it must not be requested."""
    local = local_target(f"http://{host}{PATH}") if settings.DEBUG or settings.TESTING else None
    return local or target_of(f"https://{host}{PATH}")


def _fetch(host: str, resolve: Resolve, connect: Connect) -> bytes:
    """Return what is at the address of the directory, or b"" if that is no document that can be one."""
    agent, accept = f"key-directory (+{settings.SITE_URL}/)", f"{MEDIA_TYPE}, application/json"
    target = directory_at(host)
    with open_response("GET", target, user_agent=agent, accept=accept, resolve=resolve, connect=connect) as response:
        content = response.read(MAX_BYTES + 1) if response.status == HTTPStatus.OK else b""
    return content if len(content) <= MAX_BYTES else b""
