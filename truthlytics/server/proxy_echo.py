"""What the application saw of a request, for `manage.py check_proxy` only: for two minutes, with a signed token.

The answer repeats some headers of the request itself, so a token tells its holder nothing about others.
"""

import json
from collections.abc import Iterable

from django.core import signing

from truthlytics.server.body_buffer import Application, Environ, StartResponse
from truthlytics.web.rate_limits import address_of

ECHO, SALT, LIFETIME = "/proxy-check", "truthlytics.proxy_check", 120
PROBE = "HTTP_X_TRUTHLYTICS_PROBE"
NAMES = (
    "HTTP_HOST", "HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_HOST", "HTTP_FORWARDED", PROBE,
    "REMOTE_ADDR",
)  # fmt: skip


def new_token() -> str:
    return signing.dumps("check", salt=SALT)


class ProxyEcho:
    """Answers `ECHO` with a valid token in the query, and passes all else to `site`."""

    def __init__(self, site: Application) -> None:
        self.site = site

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] != "GET" or not is_valid(environ.get("QUERY_STRING", "")):
            return self.site(environ, start_response)
        seen = {name: str(environ[name]) for name in NAMES if name in environ}
        client = address_of(seen.get("REMOTE_ADDR", ""), seen.get("HTTP_X_FORWARDED_FOR", ""))
        body = json.dumps(seen | {"client": client}).encode()
        headers = [
            ("Content-Type", "application/json"),
            ("Content-Length", str(len(body))),
            ("Cache-Control", "private, no-store"),
            ("X-Content-Type-Options", "nosniff"),
        ]
        start_response("200 OK", headers)
        return [body]


def is_valid(token: str) -> bool:
    try:
        return bool(signing.loads(token[:200], salt=SALT, max_age=LIFETIME))
    except signing.BadSignature:
        return False
