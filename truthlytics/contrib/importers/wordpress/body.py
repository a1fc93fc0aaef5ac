"""Make HTML of the content of an article or page, which is a mixture of HTML, block comments and shortcodes."""

import re
from collections.abc import Iterator
from functools import partial
from html import escape, unescape
from typing import Literal
from urllib.parse import urlsplit

from articles.richtext import embeds
from truthlytics.contrib.importers.players import embed_url
from truthlytics.contrib.importers.records import MediaRecord, ReportLoss
from truthlytics.contrib.importers.wordpress import autop, blocks, shortcodes
from truthlytics.contrib.importers.wordpress.site import Site

# An address alone on its line. WordPress shows the page there, if it knows how to.
_ALONE = re.compile(r"(?m)^[ \t]*(?:<p>[ \t]*)?(https?://[^\s<>\"]+)[ \t]*(?:</p>[ \t]*)?$")
_VERBATIM = re.compile(r"<(pre|code|script|style|textarea)\b", re.IGNORECASE)
_IMAGE = re.compile(r"<img\b[^>]*>", re.IGNORECASE)
_FRAME = re.compile(r"<(iframe|video|audio)\b", re.IGNORECASE)
_SOURCE = re.compile(r"""\ssrc\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)
_TITLE = re.compile(r"""\stitle\s*=\s*(?:"([^"]*)"|'([^']*)')""", re.IGNORECASE)
_ALT = re.compile(r"""\salt\s*=\s*(?:"([^"]+)"|'([^']+)')""", re.IGNORECASE)
_MEDIA_ID = re.compile(r"""(?:wp-image-|\sdata-(?:media|id)\s*=\s*["']?)(\d+)""", re.IGNORECASE)


def to_html(
    content: str, site: Site, source_id: str, unknown: Literal["strip", "keep"], report_loss: ReportLoss
) -> str:
    """Return `content` as HTML in which images and embeds are marked, with paragraphs and without mark-up of its own.

    `unknown` says what happens to shortcodes of plugins.
    """
    has_blocks = blocks.has_blocks(content)
    text = blocks.unwrap(content, site.reusable.get, report_loss)
    text = shortcodes.replace(text, partial(_find, site, source_id), unknown, report_loss)
    text = _outside_code(text)
    text = _frames(text)
    if not has_blocks:
        text = autop.add_paragraphs(text)
    end = text.rfind(">") + 1  # Beyond this are no tags, and searching there for the end of each takes long.
    return _IMAGE.sub(partial(_image, site), text[:end]) + text[end:]


def _complete(text: str, opening: re.Pattern[str]) -> Iterator[tuple[int, int]]:
    """Yield where the elements that match `opening` begin and end, without those that have no closing tag."""
    position, unclosed = 0, set[str]()
    while match := opening.search(text, position):
        name, position = match[1].lower(), match.end()
        closing = None if name in unclosed else autop.closing_tag(name).search(text, position)
        if closing is None:
            unclosed.add(name)
        else:
            position = closing.end()
            yield match.start(), position


def _find(site: Site, source_id: str, ids: list[str]) -> list[MediaRecord]:
    return [site.media[media_id] for media_id in ids if media_id in site.media] if ids else site.uploads_of(source_id)


def _outside_code(text: str) -> str:
    """Replace addresses alone on their lines, except in code samples."""
    if "http" not in text:
        return text
    parts, position = [], 0
    for start, end in _complete(text, _VERBATIM):
        parts += [_ALONE.sub(_alone, text[position:start]), text[start:end]]
        position = end
    return "".join([*parts, _ALONE.sub(_alone, text[position:])])


def _alone(match: re.Match[str]) -> str:
    url = unescape(match[1])
    if (address := embed_url(url)) and urlsplit(address).hostname and embeds.site_name(address) in _KNOWN:
        return f'\n\n<div data-embed="{escape(address)}"></div>\n\n'
    return f'\n\n<p><a href="{escape(url)}">{escape(url)}</a></p>\n\n'


_KNOWN = set(embeds.SITE_NAMES.values())


def _frames(text: str) -> str:
    """Replace pages, videos and sounds inside the text by embeds, if they have addresses that can be embedded."""
    parts, position = [], 0
    for start, end in _complete(text, _FRAME):
        parts += [text[position:start], _frame(text[start:end])]
        position = end
    return "".join([*parts, text[position:]])


def _frame(element: str) -> str:
    address = embed_url(unescape(_attribute(_SOURCE, element)))
    if address is None:
        return element
    title = escape(unescape(_attribute(_TITLE, element.partition(">")[0])))
    return f'\n\n<div data-embed="{escape(address)}" data-title="{title}"></div>\n\n'


def _image(site: Site, match: re.Match[str]) -> str:
    """Add the id of the file to an image, and the alternative text of the library if it has none."""
    tag = match[0]
    source, number = unescape(_attribute(_SOURCE, tag)), _MEDIA_ID.search(tag)
    if source.startswith("data:"):
        source = ""
    media = site.find_media(source, number[1] if number else "")
    alt = unescape(_attribute(_ALT, tag)) or (media.alt if media else "")
    reference = f' data-media="{escape(media.source_id)}"' if media else ""
    return f'<img src="{escape(source)}" alt="{escape(alt)}"{reference}>'


def _attribute(pattern: re.Pattern[str], tag: str) -> str:
    match = pattern.search(tag)
    return next((group for group in match.groups() if group), "") if match else ""
