"""What stands elsewhere and is pointed to: a film, a map, a post. Stored as its address; nothing of it is loaded."""

import re
from urllib.parse import urlsplit

from django.utils.html import escape

from truthlytics.web.text import without_controls

MAX_ADDRESS = 1000
MAX_TITLE = 200
# A name with a dot in it, no user, no port, nothing that a browser would read in its own way.
_HOST = r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]"
_SHAPE = re.compile(rf"https://{_HOST}(?:[/?#][!#-;=?-\[\]_a-z~%]*)?", re.IGNORECASE)
NAMES = {
    "youtube.com": "YouTube", "youtu.be": "YouTube", "vimeo.com": "Vimeo", "dailymotion.com": "Dailymotion",
    "soundcloud.com": "SoundCloud", "open.spotify.com": "Spotify", "podcasts.apple.com": "Apple Podcasts",
    "bsky.app": "Bluesky", "x.com": "X", "twitter.com": "X", "instagram.com": "Instagram", "facebook.com": "Facebook",
    "tiktok.com": "TikTok", "threads.net": "Threads", "openstreetmap.org": "OpenStreetMap",
    "datawrapper.dwcdn.net": "Datawrapper", "flourish.studio": "Flourish", "documentcloud.org": "DocumentCloud",
}  # fmt: skip


def address(value: str) -> str | None:
    """`value` if it is an address that may be pointed to, else None: https, a whole host name, plain characters."""
    value = value.strip()
    return value if len(value) <= MAX_ADDRESS and _SHAPE.fullmatch(value) else None


def title(value: str) -> str | None:
    """`value` as one line, None where nothing is left of it."""
    return " ".join(without_controls(value).split())[:MAX_TITLE].strip() or None


def place(url: str) -> str:
    """Where `url` leads, as a reader calls it: the name of a known house, else the host."""
    host = (urlsplit(url).hostname or "").removeprefix("www.").removeprefix("m.")
    return NAMES.get(host, host)


def drawn(url: str, said: str, *, picture: str = "", credit: str = "") -> str:
    """The link that a reader follows by choice, as HTML. `picture` is HTML of ours, the others are text."""
    words = escape(said) if said else escape(url.removeprefix("https://").removeprefix("www.").rstrip("/"))
    bare = "" if said else " embed__title--bare"
    owner = f'<small class="embed__credit">{escape(credit)}</small>' if picture and credit else ""
    return (
        f'<div class="embed"><a class="embed__link" href="{escape(url)}" rel="noopener">{picture}'
        f'<span class="embed__title{bare}">{words}</span> '
        f'<small class="embed__where">Opens {escape(place(url))}</small></a>{owner}</div>'
    )
