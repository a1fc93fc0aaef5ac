"""Addresses of pages that can be embedded, made of those of their players."""

import re
from urllib.parse import parse_qs, urlsplit

from articles.richtext import embeds

_PLAYERS = {
    "youtube.com": re.compile(r"/embed/([\w-]{6,20})"),
    "youtube-nocookie.com": re.compile(r"/embed/([\w-]{6,20})"),
    "player.vimeo.com": re.compile(r"/video/(\d+)"),
}


def embed_url(url: str) -> str | None:
    """Return the address of a page to embed, for that of its player too; None if it cannot be embedded."""
    url = f"https:{url}" if url.startswith("//") else url
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return None
    player = _PLAYERS[host].match(parts.path) if host in _PLAYERS else None
    if player is not None and "youtube" in host and "list" not in parse_qs(parts.query):
        url = f"https://www.youtube.com/watch?v={player[1]}"
    elif player is not None and host == "player.vimeo.com":
        url = f"https://vimeo.com/{player[1]}"
    elif parts.scheme == "http" and (host in embeds.SITE_NAMES or host == "youtube.com"):
        url = f"https{url[4:]}"
    return embeds.clean_url(url)
