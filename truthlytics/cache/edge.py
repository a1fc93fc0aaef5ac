"""A CDN that keeps pages for longer, because it is notified of changes. Off without `CDN_PURGE_URL`.

Readers' browsers and other caches still ask for each page again: the lifetime is in a header for the CDN only. The page
cache adds it, so pages that are not in the page cache are never kept by the CDN either.
"""

from time import time

from django.conf import settings

from truthlytics.cache.compression import Headers
from truthlytics.cache.store import Entry
from truthlytics.web.generations import Generations

# Of each provider: the header with the lifetime, which it does not pass on.
LIFETIME_HEADERS = {
    "varnish": "Surrogate-Control",
    "fastly": "Surrogate-Control",
    "cloudflare": "Cloudflare-CDN-Cache-Control",
}
# Cloudflare has its own header for tags, separated by commas. The others read `Surrogate-Key`.
CLOUDFLARE_TAGS = "Cache-Tag"
# Seconds within which a machine knows what changed on the others. Changes are announced twice, the second time later
# than this (see `purges`): no page that was sent in between without knowing of the change stays in the CDN.
MAX_DELAY = 3


class Edge:
    """The headers by which a CDN keeps a page. `follows` tells whether changes of other machines arrive here."""

    def __init__(self, generations: Generations, *, follows: bool) -> None:
        self.generations = generations
        self.follows = follows
        cdn = settings.CDN
        self.header = LIFETIME_HEADERS[cdn["provider"]]
        self.max_age: int = cdn["max_age"]

    def headers(self, entry: Entry) -> Headers:
        """Return the header for the CDN; none for a page that is only served because it cannot be rendered."""
        now = time()
        lifetime = int(min(self.max_age, entry.next_change - now))
        if lifetime <= 0 or entry.failed is not None:
            return []
        if self.follows and now - self.generations.followed_until() > MAX_DELAY:
            return []
        return [(self.header, f"max-age={lifetime}")]
