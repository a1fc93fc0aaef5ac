"""Addresses and paths of the files of an export."""

import hashlib
import posixpath
import re
import unicodedata
from collections.abc import Callable
from urllib.parse import unquote, urljoin, urlsplit, urlunsplit

from articles.media.old_names import without_reduction, without_size
from truthlytics.contrib.importers.records import MediaRecord

IMAGES = {".jpg", ".jpeg", ".jpe", ".png", ".webp", ".gif", ".bmp", ".avif", ".svg", ".tif", ".tiff", ".heic"}
SOUNDS = {".mp3", ".m4a", ".ogg", ".oga", ".opus", ".wav"}
DOCUMENTS = {".pdf", ".csv", ".xlsx", ".ods"}
# Services that serve resized copies of images of other sites.
_PHOTON = re.compile(r"^https?://i\d\.wp\.com/", re.IGNORECASE)
_SUBSTACK = re.compile(r"^https?://(?:substackcdn\.com|cdn\.substack\.com)/image/fetch/", re.IGNORECASE)
_EMBEDDED_ADDRESS = re.compile(r"/(https?(?:%3A|:)(?:%2F|/){2}.+)$", re.IGNORECASE)
# A folder of uploads: what is below it is how the files are known.
_UPLOADS = re.compile(r"/(?:wp-content/uploads|wp-content/blogs\.dir|content/(?:images|media|files))/(.+)$")
_MONTH = re.compile(r"(?:^|/)\d{4}/\d{1,2}/[^/]+$")


def suffix(path: str) -> str:
    """Return the extension of a file's name in lower case, such as “.jpg”; "" if it has none."""
    return posixpath.splitext(path)[1].lower()


def path_in(url: str) -> str:
    """Return the decoded path of `url`; "" if it has none."""
    try:
        return unquote(urlsplit(url).path)
    except ValueError:
        return ""


def host_in(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").rstrip(".").lower()
    except ValueError:
        return ""


def absolute(url: str, base: str) -> str:
    """Return `url` as an absolute one, of an image on the page `base`; "" if it is none of the web."""
    try:
        url = urljoin(base, url.strip())
        return url if urlsplit(url).scheme in {"http", "https"} and urlsplit(url).netloc else ""
    except ValueError:
        return ""


def unwrapped(url: str) -> str:
    """Return the address of the file itself, for one of a service that resizes it."""
    if _PHOTON.match(url):
        return _without_query(_PHOTON.sub("https://", url))
    if _SUBSTACK.match(url) and (match := _EMBEDDED_ADDRESS.search(url)):
        return unquote(match[1]) if "%" in match[1][:8] else match[1]
    return url


def addresses(*urls: str, listed: bool = False) -> list[str]:
    """Return where the file with any of these addresses may be, the original before its sizes.

    `listed`: the first is that of a media library, which is an original even if it ends like a size.
    """
    found: list[str] = []
    for number, url in enumerate(urls):
        own = unwrapped(url)
        if not own:
            continue
        exact = _without_query(own)
        if suffix(exact):
            forms = [_with_path(exact, without_reduction), exact] if listed and number == 0 else []
            found += [*forms, _with_path(exact, without_size), exact]
        found += [own, url]
    return list(dict.fromkeys(found))


def _with_path(url: str, change: Callable[[str], str]) -> str:
    """Return `url` with its path changed; paths of the usual form only."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    return urlunsplit(parts._replace(path=change(parts.path)))


def key_of_url(url: str) -> str:
    """Return by what an image without an id is known: its host and path, or a digest if they are long."""
    own = unwrapped(url)
    try:
        parts = urlsplit(own)
        host = parts.hostname or ""
    except ValueError:
        return own[:400]
    query = "" if suffix(parts.path) or not parts.query else f"?{parts.query}"
    key = f"//{host.removeprefix('www.')}{unquote(parts.path)}{query}"
    return key if len(key) <= 400 else f"//{hashlib.sha256(key.encode()).hexdigest()}"


def below_uploads(path: str) -> str:
    """Return the part of the path of a file that is below the folder of uploads, or all of it."""
    match = _UPLOADS.search(path)
    return match[1] if match else path.lstrip("/")


def is_by_month(path: str) -> bool:
    """Return whether a file is in a folder for a month, such as `2014/05`, where others may have the same name."""
    return bool(_MONTH.search(path))


def normal(name: str) -> str:
    """Return `name` in the form that names are compared in: systems store accents and letters differently."""
    return unicodedata.normalize("NFC", name).casefold()


def file_paths(media: MediaRecord, *, listed: bool = True) -> list[str]:
    """Return the paths by which a folder may have the file, the original before its sizes. `listed` as above."""
    paths = [without_reduction(media.path), media.path] if media.path else []
    paths += [path_in(url) for url in addresses(media.url, listed=listed)]
    return list(dict.fromkeys(path for path in paths if path))


def is_image(url: str) -> bool:
    """Return whether the name of a file is that of an image. Its content decides later."""
    return suffix(path_in(url)) in IMAGES


def is_sound(url: str) -> bool:
    return suffix(path_in(url)) in SOUNDS


def is_document(url: str) -> bool:
    return suffix(path_in(url)) in DOCUMENTS


def _without_query(url: str) -> str:
    return url.partition("?")[0].partition("#")[0]
