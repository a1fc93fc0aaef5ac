"""Under which name a page is kept: what of a request can change it, and nothing else."""

from collections.abc import Callable
from operator import itemgetter
from typing import Any
from urllib.parse import parse_qsl, urlencode

from django.conf import settings
from django.http.request import split_domain_port, validate_host

Environ = dict[str, Any]
Asked = tuple[str, ...]

# What changes a page, and so is part of its name (of some addresses settings name more); what only says where a visitor
# came from, and changes nothing.
MEANT = frozenset({"after", "comments"})
TRACKING = {"fbclid", "gclid", "msclkid", "mc_cid", "mc_eid", "igshid", "ref"}
LONGEST = 512
# So many ways of asking are remembered before all are forgotten: whoever sends millions gains nothing.
MOST = 4096


class Names:
    def __init__(self) -> None:
        proxied = settings.SECURE_PROXY_SSL_HEADER
        read = ["HTTP_HOST", "PATH_INFO", "QUERY_STRING", "SCRIPT_NAME", "REQUEST_METHOD", "wsgi.url_scheme"]
        # All that `of` reads, in one step. Raises KeyError where the server leaves one out.
        self.asked: Callable[[Environ], Asked] = itemgetter(*read, *proxied[:1] if proxied else ())
        self._known: dict[Asked, str] = {}
        # The name that is remembered for what was asked, and None.
        self.known = self._known.get

    def remember(self, environ: Environ, name: str) -> None:
        """So that the next one who asks with the same words costs a look-up. For what is kept only."""
        try:
            asked = self.asked(environ)
        except KeyError:
            return
        if environ["REQUEST_METHOD"] == "GET" and sum(map(len, asked)) <= LONGEST:
            if len(self._known) >= MOST:
                self._known.clear()
            self._known[asked] = name

    def of(self, environ: Environ) -> str | None:
        """The name of the page that a stranger asks for; None for whatever is not one.

        A query that we do not know goes to Django, and its answer is not kept.
        """
        if environ["REQUEST_METHOD"] not in {"GET", "HEAD"}:
            return None
        host = environ.get("HTTP_HOST", "").lower()
        domain, _port = split_domain_port(host)
        if not domain or not validate_host(domain, settings.ALLOWED_HOSTS):
            return None
        query = environ.get("QUERY_STRING", "")
        if not query.isascii():
            return None  # no browser sends such bytes as they are, and Django reads them its own way
        if query:
            asked = parse_qsl(query, keep_blank_values=True)
            meant = [(name, value) for name, value in asked if not is_tracking(name)]
            known = settings.PAGE_CACHE_QUERIES.get(environ.get("PATH_INFO", ""), MEANT)
            if any(name not in known for name, _ in meant):
                return None
            # Of two values with one name the last counts, so their order stays.
            query = urlencode(sorted(meant, key=itemgetter(0)))
        name = f"{scheme(environ)}://{host}{environ.get('SCRIPT_NAME', '')}{environ.get('PATH_INFO', '')}?{query}"
        return name if len(name) <= LONGEST else None


def scheme(environ: Environ) -> str:
    """https where Django would say so: by the server, or by the proxy that we trust."""
    proxied = settings.SECURE_PROXY_SSL_HEADER
    if proxied and environ.get(proxied[0], "").split(",")[0].strip() == proxied[1]:
        return "https"
    return str(environ.get("wsgi.url_scheme", "http"))


def is_tracking(name: str) -> bool:
    return name in TRACKING or name.startswith("utm_")
