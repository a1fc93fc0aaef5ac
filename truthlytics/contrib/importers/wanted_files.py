"""Which files a text shows: its lead image, the images, recordings and documents of its body."""

from collections.abc import Iterator

from lxml.html import HtmlElement

from truthlytics.contrib.importers.html_blocks import is_alone
from truthlytics.contrib.importers.media import names
from truthlytics.contrib.importers.media.library import MediaLibrary
from truthlytics.contrib.importers.media.storing import Wanted
from truthlytics.contrib.importers.records import MediaRecord, Record


def wanted_files(record: Record, root: HtmlElement | None, library: MediaLibrary) -> Iterator[Wanted]:
    """Yield the files that `record` shows: its lead image and those of its body, parsed as `root`."""
    if record.lead is not None:
        yield wanted_lead(record.lead, record)
    for element in root.iter("img") if root is not None else ():
        if wanted := wanted_image(element, record, library):
            yield wanted
    sounds = sounds_of(root, record) if root is not None else []
    documents = [link.get("href") or "" for link in root.iter("a")] if root is not None else []
    for url in [*sounds, *filter(names.is_document, documents)]:
        if wanted := wanted_file(url, record, library):
            yield wanted


def wanted_file(url: str, record: Record, library: MediaLibrary) -> Wanted | None:
    """Return the recording or document at `url`, if it is one of the old site."""
    base = record.url or record.base
    own = _path_alone(url, base)
    address = own or names.absolute(url, base)
    if not own and (not address or not library.is_ours(record.source, address)):
        return None
    return Wanted(library.media_for(record.source, address) or _unlisted(address, record), urls=(address,))


def sounds_of(root: HtmlElement, record: Record) -> list[str]:
    """Return the addresses of sounds in the text, each once."""
    players = [element.get("src") or "" for element in root.iter("audio", "source")]
    links = [link.get("href") or "" for link in root.iter("a")]
    base = record.url or record.base
    return list(dict.fromkeys(names.absolute(url, base) or url for url in [*players, *links] if names.is_sound(url)))


def wanted_lead(lead: MediaRecord, record: Record) -> Wanted:
    if lead.source_id:
        return Wanted(lead)
    return Wanted(_unlisted(names.absolute(lead.url, record.url or record.base), record, lead))


def wanted_image(element: HtmlElement, record: Record, library: MediaLibrary | None) -> Wanted | None:
    """Return the file that `element`, an `<img>`, shows; None if it has no usable address."""
    base, alt = record.url or record.base, " ".join((element.get("alt") or "").split())
    source = names.absolute(element.get("src") or "", base) or _path_alone(element.get("src") or "", base)
    linked = names.absolute(_link_of(element), base)
    larger = linked if names.is_image(linked) else ""
    media = library.media_for(record.source, source or larger, element.get("data-media") or "") if library else None
    urls = tuple(url for url in (larger, source) if url)
    if media is not None:
        return Wanted(media, alt, urls)
    return Wanted(_unlisted(urls[0], record), alt, urls[1:]) if urls else None


def _path_alone(source: str, base: str) -> str:
    """Return the address of a file on the site itself if its place is unknown; "" for others."""
    return source if not base and source.startswith("/") and not source.startswith("//") else ""


def _unlisted(url: str, record: Record, like: MediaRecord | None = None) -> MediaRecord:
    """Return a record of an image that the export does not list, known by its address."""
    key = names.key_of_url(url)
    texts = (like.title, like.alt, like.caption, like.credit) if like else ("", "", "", "")
    path = like.path if like else ""
    return MediaRecord(record.line, record.source, key, url, path, *texts)


def _link_of(element: HtmlElement) -> str:
    """Return the address that an image alone in a link leads to."""
    link = element.getparent()
    return (link.get("href") or "") if link.tag == "a" and is_alone(element) else ""
