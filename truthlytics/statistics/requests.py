"""What is known of a request for an article, and who sent it."""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from django.conf import settings

from truthlytics.web.agents import MAX_AGENT, NAMELESS, Agent, Kind, agent_of
from truthlytics.web.rate_limits import address_of
from truthlytics.web.read_counter import ASKED_BY_SITE

# Characters of what is kept of a header. Longer ones are hostile.
MAX_REFERRER, MAX_QUERY, MAX_FORWARDED = 300, 600, 300

# The first versions whose browsers say with every request to an https site what it is for.
_ALWAYS_SAYS = ((re.compile(r"Chrome/(\d+)"), 80), (re.compile(r"Firefox/(\d+)"), 90))
_SAFARI, _MIN_SAFARI = re.compile(r"\((?:Mac|iP).*Version/(\d+)\.(\d+)[.\d]* (?:Mobile/\w+ )?Safari/"), (16, 4)
# Browsers inside other applications may not.
_INSIDE = re.compile(
    r"; wv\)|Version/4\.0 Chrome/|Electron/|\bFB|Instagram|Snapchat|Pinterest|DuckDuckGo|Kobo|Kindle|SMART-TV|Tizen"
)


class Request(NamedTuple):
    """A request for an article.

    `flag` is `STAFF`, `SUBSCRIBER`, `HALF` if someone has read to the half, `SITE` if the site asked itself, or "".
    """

    article: int
    flag: str
    method: str
    address: str
    forwarded: str
    agent: str
    dest: str
    purpose: str
    referrer: str
    query: str


STAFF, SUBSCRIBER, HALF, SITE = "staff", "subscriber", "half", "site"

# The same, made quickly: pages from the page cache take few microseconds.
type Values = tuple[int, str, str, str, str, str, str, str, str, str]


def values_of(environ: Mapping[str, Any], article: int, flag: str = "") -> Values:
    get = environ.get
    return (
        article,
        SITE if ASKED_BY_SITE in environ else flag,
        environ["REQUEST_METHOD"],
        get("REMOTE_ADDR", ""),
        get("HTTP_X_FORWARDED_FOR", "")[-MAX_FORWARDED:],
        get("HTTP_USER_AGENT", "")[: MAX_AGENT + 1],
        get("HTTP_SEC_FETCH_DEST", ""),
        get("HTTP_SEC_PURPOSE") or get("HTTP_PURPOSE", ""),
        get("HTTP_REFERER", "")[:MAX_REFERRER],
        get("QUERY_STRING", "")[:MAX_QUERY],
    )


def sender_of(request: Request) -> Agent:
    """Return who sent a request: a person only if it is one by which a browser shows a page."""
    agent = agent_of(request.agent)
    if agent.kind is not Kind.PERSON or request.flag == HALF:
        return agent
    is_page = request.dest == "document" or (not request.dest and not must_say(request.agent))
    return agent if is_page and request.method == "GET" else NAMELESS


def must_say(agent: str) -> bool:
    """Return whether a browser of this kind says what its requests are for: only to sites with https."""
    if not settings.SITE_URL.startswith("https:") or _INSIDE.search(agent):
        return False
    if (safari := _SAFARI.search(agent)) and (int(safari[1]), int(safari[2])) >= _MIN_SAFARI:
        return True
    return any((match := pattern.search(agent)) and int(match[1]) >= first for pattern, first in _ALWAYS_SAYS)


def client_of(request: Request) -> str:
    """Return the client's address, for IPv6 its /64 network."""
    return address_of(request.address, request.forwarded)
