"""Embeds: external content such as a video, map or post, stored as a URL and rendered as a card that links to it.

Nothing is loaded from the other site until the reader follows the link.
"""

import re
from urllib.parse import urlsplit

from django.utils.html import escape
from django.utils.translation import gettext as _

from truthlytics.web.text import strip_control_characters

MAX_URL_LENGTH = 1000
MAX_TITLE_LENGTH = 200
# A host name with at least one dot: no user info, no port, no characters that browsers interpret differently.
_HOST = r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]"
_URL = re.compile(rf"https://{_HOST}(?:[/?#][!#-;=?-\[\]_a-z~%]*)?", re.IGNORECASE)
SITE_NAMES = {
    "youtube.com": "YouTube", "youtu.be": "YouTube", "vimeo.com": "Vimeo", "dailymotion.com": "Dailymotion",
    "soundcloud.com": "SoundCloud", "open.spotify.com": "Spotify", "podcasts.apple.com": "Apple Podcasts",
    "bsky.app": "Bluesky", "x.com": "X", "twitter.com": "X", "instagram.com": "Instagram", "facebook.com": "Facebook",
    "tiktok.com": "TikTok", "threads.net": "Threads", "openstreetmap.org": "OpenStreetMap",
    "datawrapper.dwcdn.net": "Datawrapper", "flourish.studio": "Flourish", "documentcloud.org": "DocumentCloud",
}  # fmt: skip

VIDEO_SITES = {"YouTube", "Vimeo", "Dailymotion", "TikTok"}


def clean_url(value: str) -> str | None:
    """Return `value` if it is a URL that may be embedded, else None: https, a full host name, ASCII characters."""
    value = value.strip()
    return value if len(value) <= MAX_URL_LENGTH and _URL.fullmatch(value) else None


def clean_title(value: str) -> str | None:
    """Return `value` as a single line, or None if it is empty."""
    return " ".join(strip_control_characters(value).split())[:MAX_TITLE_LENGTH].strip() or None


def site_name(url: str) -> str:
    """Return the name of the site that `url` links to, or its host if the site is not a known one."""
    host = (urlsplit(url).hostname or "").removeprefix("www.").removeprefix("m.")
    return SITE_NAMES.get(host, host)


def render_embed(url: str, title: str, *, image: str = "", credit: str = "", mark: str = "") -> str:
    """Render the embed as a card: the site, the title and an image. The link opens a new tab.

    `image`, and the `mark` that it is by AI, are trusted HTML; the other arguments are escaped.
    """
    site = site_name(url)
    label = escape(title) if title else escape(url.removeprefix("https://").removeprefix("www.").rstrip("/"))
    bare = "" if title else " embed__title--bare"
    credit_html = f'<small class="embed__credit">{escape(credit)}</small>' if image and credit else ""
    video = " embed--video" if site in VIDEO_SITES else ""
    return (
        f'<div class="embed{video}"><a class="embed__link" href="{escape(url)}" target="_blank" rel="noopener">{image}'
        f'<small class="embed__site">{escape(site)}</small> <span class="embed__title{bare}">{label}</span> '
        f'<small class="embed__where">{escape(_("Opens in a new tab"))}</small></a>{credit_html}{mark}</div>'
    )
