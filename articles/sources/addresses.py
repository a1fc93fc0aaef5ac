"""URLs of sources. Equivalent URLs identify the same source. Pure."""

import hashlib
import re
import unicodedata
from urllib.parse import SplitResult, quote, urlsplit

# A URL in plain text, without the punctuation that follows it.
ADDRESS = re.compile(r"https?://[^\s<>\"]*[^\s<>\".,;:!?)\]]")
_ESCAPE = re.compile(r"%[0-9a-fA-F]{2}")
_TRACKING = re.compile(r"(?:utm_\w+|fbclid|gclid|mc_[ce]id|igshid)(?:=|$)")
_SAFE = "/%:@!$&'()*+,;=~-._?"
_DEFAULT_PORTS = {None, 80, 443}


def key_of(url: str, text: str) -> str:
    """Return the key of a source: a digest of its address, or of its text if it has none."""
    named = f"address {normalise(url)}" if url else f"text {_fold(text)}"
    return hashlib.sha256(named.encode("utf-8", "replace")).hexdigest()


def normalise(url: str) -> str:
    """Return what identifies the page at `url`: without scheme, `www.`, default port, fragment and tracking."""
    try:
        parts = urlsplit(unicodedata.normalize("NFC", url))
        port = parts.port
    except ValueError:
        return url
    query = "&".join(part for part in parts.query.split("&") if part and not _TRACKING.match(part))
    # Single-page sites have the path in the fragment.
    fragment = parts.fragment if parts.fragment.startswith(("!", "/")) else ""
    page = _escape(parts.path).rstrip("/")
    page += f"?{_escape(query)}" if query else ""
    page += f"#{_escape(fragment)}" if fragment else ""
    return _host(parts) + ("" if port in _DEFAULT_PORTS else f":{port}") + page


def short_address(url: str) -> str:
    """Return `url` for display, without scheme and `www.`."""
    return re.sub(r"^https?://(?:www\.)?", "", url, flags=re.IGNORECASE).rstrip("/")


def _host(parts: SplitResult) -> str:
    host = (parts.hostname or "").rstrip(".")
    try:
        host = host.encode("idna").decode("ascii")
    except UnicodeError:
        pass  # an invalid host is compared as it is
    return host.removeprefix("www.")


def _escape(text: str) -> str:
    return _ESCAPE.sub(lambda escape: escape[0].upper(), quote(text, safe=_SAFE, errors="replace"))


def _fold(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split()).rstrip(". ")
