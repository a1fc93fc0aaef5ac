"""First pass over template tags in a source's text: Liquid (Jekyll, Eleventy) and Hugo shortcodes.

Before the text is parsed as Markdown or HTML, each tag is replaced by a mark, a plain word that parsers leave
unchanged in text, URLs and code. Afterwards `tag_marks.py` replaces the marks by what the tags mean.
"""

import re
from dataclasses import dataclass
from typing import Literal

from articles.richtext.vocabulary import MISSING_IMAGE

Meaning = Literal["literal", "path", "file", "image", "text", "link", "dropped"]

# Tags have a limited length and contain no empty lines and no other tags.
_INSIDE = r"(?:(?!\n[ \t]*\n|\{%|\{\{)[\s\S]){0,3000}?"
_TAG = re.compile(
    r"\{%-?\s*raw\s*-?%\}(?P<raw>[\s\S]*?)\{%-?\s*endraw\s*-?%\}"
    r"|(?P<comment>\{%-?\s*comment\s*-?%\}[\s\S]*?\{%-?\s*endcomment\s*-?%\})"
    rf"|\{{\{{[<%]\s*(?P<short>/?\s*[A-Za-z][\w-]*)(?P<short_args>{_INSIDE})/?\s*[>%]\}}\}}"
    rf"|\{{%-?\s*(?P<name>[A-Za-z][\w-]*)(?P<args>{_INSIDE})-?%\}}"
    rf"|\{{\{{-?(?P<value>{_INSIDE})-?\}}\}}"
    r"|(?P<open>\{\{|\{%)"
)
_OPEN = re.compile(r"\{\{|\{%")
_KEYED = re.compile(r"""([\w-]+)\s*[=:]\s*("[^"]*"|'[^']*'|“[^”]*”)""")
_LITERAL = re.compile(r"""\s*("[^"]*"|'[^']*'|“[^”]*”)\s*(\|[\s\S]*)?""")
_FILTER = re.compile(r"\|\s*([\w-]+)")
_QUOTES = "\"'“” \t\n"

SITE = {"site.baseurl", "site.url", "site.baseurl | url", "baseurl", ".site.baseurl"}
PATH_FILTERS = {"url", "relative_url", "absolute_url"}
FILE_TAGS = {"ref", "relref", "link", "post_url"}
IMAGE_NAMES = ("img", "image", "figure", "photo")
# Arguments of other shortcodes that contain visible text.
TEXT_ARGUMENTS = ("kicker", "title", "intro", "text", "caption", "label", "button-text", "cite")


@dataclass(frozen=True, slots=True)
class Tag:
    """A template tag. `text` is its path, file name, alt text or visible text; `extra` a caption or URL."""

    meaning: Meaning
    source: str
    text: str = ""
    extra: str = ""


class MarkedText:
    """`text` with numbered marks instead of its `tags`. `pattern` matches a mark; its group is the number."""

    def __init__(self, source: str, *, has_tags: bool = True) -> None:
        self.tags: list[Tag] = []
        self.prefix = "templatetag"
        while self.prefix in source.lower():
            self.prefix += "x"
        self.pattern = re.compile(rf"{self.prefix}(\d+)e", re.IGNORECASE)
        self.text = _TAG.sub(self._replace, source) if has_tags and "{" in source else source

    def plain(self, text: str) -> str:
        """Replace the marks in `text` by plain text, for attributes and headlines."""
        return self.pattern.sub(lambda match: as_text(self.tags[int(match[1])]), text)

    def _replace(self, match: re.Match[str]) -> str:
        if match["raw"] is not None:
            return _OPEN.sub(lambda brace: self._mark(Tag("literal", brace[0], brace[0])), match["raw"])
        return self._mark(_meaning(match))

    def _mark(self, tag: Tag) -> str:
        self.tags.append(tag)
        return f"{self.prefix}{len(self.tags) - 1}e"


def as_text(tag: Tag) -> str:
    match tag.meaning:
        case "image":
            return image_text(tag.text)
        case "dropped":
            return ""
        case "file":
            return f"file:{tag.text}"
        case _:
            return tag.text


def image_text(alt: str) -> str:
    return f"{MISSING_IMAGE}: {alt}" if alt else MISSING_IMAGE


def _meaning(match: re.Match[str]) -> Tag:
    source = match[0]
    if match["open"]:
        return Tag("literal", source, source)
    if match["comment"]:
        return Tag("dropped", source)
    if match["value"] is not None:
        return _value(source, match["value"].strip())
    name = (match["short"] or match["name"]).lower()
    arguments = match["short_args"] or match["args"] or ""
    keyed = {key.lower(): value[1:-1] for key, value in _KEYED.findall(arguments)}
    if name in FILE_TAGS and arguments.strip():
        return Tag("file", source, arguments.strip(_QUOTES))
    if any(part in name for part in IMAGE_NAMES) or keyed.keys() & {"image", "img"}:
        return Tag("image", source, *_image(keyed, arguments))
    text = " — ".join(value for key in TEXT_ARGUMENTS if (value := keyed.get(key, "").strip()))
    return Tag("text", source, text) if text else Tag("dropped", source)


def _value(source: str, value: str) -> Tag:
    """Interpret `{{ … }}`: the site's URL, or a quoted string with filters. Anything else is dropped."""
    if value.lower() in SITE:
        return Tag("path", source, "")
    if (match := _LITERAL.fullmatch(value)) is None:
        return Tag("dropped", source)
    text, filters = match[1][1:-1], _FILTER.findall(match[2] or "")
    if not filters or set(filters) & PATH_FILTERS or "site.baseurl" in (match[2] or ""):
        return Tag("path", source, text)
    if text.startswith(("https://", "http://")) and "embed" in filters:
        titles = re.findall(r""":\s*("[^"]*"|'[^']*'|“[^”]*”)""", match[2])
        return Tag("link", source, titles[0][1:-1] if titles else text, text)
    if filters[-1].endswith("link"):
        return Tag("text", source, text)
    return Tag("dropped", source)


def _image(keyed: dict[str, str], arguments: str) -> tuple[str, str]:
    """Return (alt text, caption) from named arguments, or from the last quoted string, which may contain quotes."""
    if keyed:
        return " ".join(keyed.get("alt", "").split()), " ".join(keyed.get("caption", "").split())
    inside = arguments.strip().strip(",")
    parts = re.split(r"""["”'],?\s+["“']""", inside[1:-1]) if len(inside) > 2 else []
    return (" ".join(parts[-1].strip('"').split()) if len(parts) > 1 else ""), ""
