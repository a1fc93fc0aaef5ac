"""Where a reader comes from: the host of the page with the link, never its path, or what the link says of itself."""

import re
from urllib.parse import parse_qs, urlsplit

from django.conf import settings

from articles.models.gift_links import PARAMETER as GIFT
from subscriptions.visitor_cart import CAMPAIGN
from truthlytics.statistics.models import MAX_SOURCE_NAME
from truthlytics.statistics.models import SourceKind as Kind

# The kind, and the name: a host, a campaign or nothing.
type Source = tuple[str, str]

_HOST = re.compile(r"[a-z0-9.-]{1,80}")
_NO_NAME = re.compile(r"[^\w.+ -]")
# What an issue of a newsletter calls itself (truthlytics/newsletters/campaigns.py): its name and its date.
_ISSUE = re.compile(r"[A-Za-z0-9_-]+-\d{4}-\d\d-\d\d(?:-\d+)?")
_SEARCH = re.compile(
    r"(?:www\.)?google\.[a-z.]{2,6}|(?:cn\.|www\.)?bing\.com|(?:html\.|lite\.)?duckduckgo\.com|(?:www\.)?ecosia\.org"
    r"|(?:www\.|lite\.)?qwant\.com|(?:www\.)?startpage\.com|(?:[a-z]+\.)?search\.yahoo\.com|(?:www\.)?yandex\.[a-z]{2,3}"
    r"|(?:www\.|m\.)?baidu\.com|search\.brave\.com|kagi\.com|swisscows\.com|(?:www\.)?mojeek\.com|metager\.(?:de|org)"
    r"|search\.naver\.com|search\.seznam\.cz|suche\.(?:t-online|web|gmx)\.(?:de|net)|com\.google\.android"
    r"\.googlequicksearchbox|search\.marginalia\.nu"
)
_FEED = re.compile(
    r"(?:www\.|cloud\.)?feedly\.com|(?:www\.)?inoreader\.com|(?:www\.)?newsblur\.com|(?:www\.)?theoldreader\.com"
    r"|(?:www\.)?feedbin\.com|(?:www\.)?netvibes\.com|reader\.miniflux\.app|bazqux\.com|com\.devhd\.feedly"
)
_FEED_MEDIA, _LETTER_MEDIA = {"rss", "feed", "atom"}, {"email", "e-mail", "newsletter"}


def source_of(referrer: str, query: str) -> Source:
    """Return where the reader of a page came from, by the address of the page with the link and the page's query."""
    return _by_query(query) or _by_referrer(referrer)


def _by_query(query: str) -> Source | None:
    if "=" not in query:
        return None
    try:
        found = {name: values[0].strip() for name, values in parse_qs(query, max_num_fields=50).items()}
    except ValueError:
        return None
    if GIFT in found:
        return Kind.GIFT, ""
    medium = found.get("utm_medium", "").lower()
    if medium in _FEED_MEDIA:
        return Kind.FEED, ""
    name = found.get(CAMPAIGN) or found.get("utm_campaign") or found.get("utm_source") or ""
    if not (name := _NO_NAME.sub("", name)[:MAX_SOURCE_NAME].strip()):
        return None
    is_issue = medium in _LETTER_MEDIA or _ISSUE.fullmatch(found.get(CAMPAIGN, ""))
    return (Kind.NEWSLETTER if is_issue else Kind.CAMPAIGN), name


def _by_referrer(referrer: str) -> Source:
    try:
        host = (urlsplit(referrer).hostname or "").rstrip(".")
    except ValueError:
        host = ""
    if not _HOST.fullmatch(host):
        return Kind.DIRECT, ""
    if host == urlsplit(settings.SITE_URL).hostname:
        return Kind.SITE, ""
    if _SEARCH.fullmatch(host):
        return Kind.SEARCH, host.removeprefix("www.")
    if _FEED.fullmatch(host):
        return Kind.FEED, ""
    return Kind.HOST, host.removeprefix("www.")
