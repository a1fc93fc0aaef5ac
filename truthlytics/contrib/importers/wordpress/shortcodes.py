"""Replace shortcodes such as `[gallery ids="1,2"]` by HTML."""

import re
from collections.abc import Callable, Iterable
from html import escape, unescape
from typing import Literal

from truthlytics.contrib.importers.records import MediaRecord, ReportLoss
from truthlytics.contrib.importers.wordpress import attribute_texts

# Tags between an opening one and its end.
MAX_DISTANCE = 1000
CORE = {"caption", "wp_caption", "gallery", "playlist", "audio", "video", "embed"}
_SHORTCODE = re.compile(r"(?<!\[)\[(/?)([A-Za-z][\w-]*)((?:\s[^\[\]]*)?)(/?)\](?!\])")
# Brackets without a closing tag are a shortcode only if all that follows the name are attributes.
_ATTRIBUTE = r"""[\w-]+\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'=]+)"""
_ATTRIBUTES = re.compile(rf"\s+{_ATTRIBUTE}(?:\s+{_ATTRIBUTE})*\s*/?\s*")
# Begins only at the beginning of a word: at every letter of a long one, it would take quadratic time.
_KEYED = re.compile(r"""(?<![\w-])([\w-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'=]+))""")
_LITERAL = re.compile(r"\[(\[[^\[\]]+\])\]")
_IMAGE = re.compile(r"(?:<a\b[^<>]*>\s*)?<img\b[^<>]*>(?:\s*</a>)?", re.IGNORECASE)
_MEDIA_ATTRIBUTES = ("src", "mp3", "m4a", "ogg", "wav", "mp4", "m4v", "webm", "ogv", "flv")

# Returns the files with these ids, or without ids those that were uploaded to the text.
FindMedia = Callable[[list[str]], Iterable[MediaRecord]]


def replace(text: str, find_media: FindMedia, unknown: Literal["strip", "keep"], report_loss: ReportLoss) -> str:
    """Return `text` with HTML instead of the shortcodes of WordPress itself, and without the tags of others.

    Brackets in prose and `[[name]]` stay text.
    """
    if "[" not in text:
        return text
    text = attribute_texts.decoded(text) if unknown == "strip" else text
    return _LITERAL.sub(r"\1", _Replacement(text, find_media, unknown, report_loss).text())


class _Replacement:
    def __init__(
        self, source: str, find_media: FindMedia, unknown: Literal["strip", "keep"], report_loss: ReportLoss
    ) -> None:
        self.source, self.find_media, self.unknown, self.report_loss = source, find_media, unknown, report_loss
        self.tags = list(_SHORTCODE.finditer(source))
        self.closed = {tag[2].lower() for tag in self.tags if tag[1]}

    def text(self) -> str:
        parts, position = [], 0
        for number, tag in enumerate(self.tags):
            if tag.start() < position or not self._is_shortcode(tag):
                continue
            end, html = self._replace(number)
            if html is not None:
                parts += [self.source[position : tag.start()], html]
                position = end
        return "".join([*parts, self.source[position:]])

    def _is_shortcode(self, tag: re.Match[str]) -> bool:
        name = tag[2].lower()
        known = name in CORE or name in self.closed
        return known or bool(tag[3] and _ATTRIBUTES.fullmatch(tag[3]))

    def _replace(self, number: int) -> tuple[int, str | None]:
        """Return where the shortcode ends and its HTML; None to keep it as text."""
        tag = self.tags[number]
        name, attributes = tag[2].lower(), _attributes(tag[3])
        closing = None if tag[1] or tag[4] else self._closing(number)
        if name in {"caption", "wp_caption"} and closing is not None:
            return closing.end(), _caption(self.source[tag.end() : closing.start()], attributes)
        if name == "embed" and closing is not None:
            return closing.end(), f"\n\n{self.source[tag.end() : closing.start()].strip()}\n\n"
        if name in CORE:
            return tag.end(), "" if tag[1] else self._core(name, attributes)
        if self.unknown == "keep":
            return tag.end(), None
        if not tag[1]:
            self.report_loss("shortcode", f"[{name}]")
        # Titles of tabs and boxes and labels of buttons are text.
        return tag.end(), ("" if tag[1] else attribute_texts.html_of(name, attributes.items())) or " "

    def _closing(self, number: int) -> re.Match[str] | None:
        """Return the next closing tag, unless the same shortcode begins before it."""
        name = self.tags[number][2].lower()
        if name not in self.closed:
            return None
        for tag in self.tags[number + 1 : number + MAX_DISTANCE]:
            if tag[2].lower() == name:
                return tag if tag[1] else None
        return None

    def _core(self, name: str, attributes: dict[str, str]) -> str:
        if name in {"gallery", "playlist"}:
            ids = attributes.get("ids") or attributes.get("include") or ""
            media = list(self.find_media([part.strip() for part in ids.split(",") if part.strip()]))
            if not media:
                self.report_loss("shortcode", f"[{name}] whose files are not in the export")
            if name == "gallery":
                return f"\n\n<div data-gallery>{''.join(map(_image, media))}</div>\n\n" if media else ""
            return "\n\n" + "\n\n".join(item.url for item in media) + "\n\n"
        urls = [attributes[key] for key in _MEDIA_ATTRIBUTES if attributes.get(key)]
        return f"\n\n{urls[0]}\n\n" if urls else ""


def _attributes(text: str) -> dict[str, str]:
    return {key.lower(): unescape(a or b or c) for key, a, b, c in _KEYED.findall(text or "")}


def _caption(content: str, attributes: dict[str, str]) -> str:
    """Return a figure. Old exports have the text of the caption as an attribute."""
    image = _IMAGE.search(content)
    before = content[: image.start()] if image else content
    after = content[image.end() :] if image else ""
    caption = " ".join(filter(None, [before.strip(), after.strip()])) or escape(attributes.get("caption", ""))
    figcaption = f"<figcaption>{caption}</figcaption>" if caption else ""
    return f"\n\n<figure>{image[0] if image else ''}{figcaption}</figure>\n\n"


def _image(media: MediaRecord) -> str:
    source, alt = escape(media.url), escape(media.alt)
    return f'<figure><img src="{source}" alt="{alt}" data-media="{escape(media.source_id)}"></figure>'
