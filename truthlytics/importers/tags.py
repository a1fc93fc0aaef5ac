"""Template tags in a source's text (Liquid, as Jekyll and Eleventy have it, and Hugo's shortcodes).

Before the text is read as Markdown or HTML each tag becomes a plain word, a mark, that every parser lets stand
wherever the tag stood: in a sentence, in an address, in code. Afterwards `marks.py` puts there what the tag means.
"""

import re
from dataclasses import dataclass
from typing import Literal

Meaning = Literal["literal", "path", "file", "picture", "words", "link", "dropped"]

# No tag is longer, and none goes over an empty line or into the next tag.
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
PICTURE_NAMES = ("img", "image", "figure", "photo")
# The arguments of any other shortcode that readers saw as words.
WORDS = ("kicker", "title", "intro", "text", "caption", "label", "button-text", "cite")


@dataclass(frozen=True, slots=True)
class Tag:
    """What one tag means. `text` is its path, file name, alternative text or words; `more` a caption or address."""

    meaning: Meaning
    source: str
    text: str = ""
    more: str = ""


class Marked:
    """A text with marks for its tags: `text`, and `tags` by number. `pattern` finds a mark, its number the group."""

    def __init__(self, source: str) -> None:
        self.tags: list[Tag] = []
        self.prefix = "templatetag"
        while self.prefix in source.lower():
            self.prefix += "x"
        self.pattern = re.compile(rf"{self.prefix}(\d+)e", re.IGNORECASE)
        self.text = _TAG.sub(self._replace, source) if "{" in source else source

    def plain(self, text: str) -> str:
        """`text` with words for its marks: what an attribute, a headline or a code sample can hold."""
        return self.pattern.sub(lambda match: in_words(self.tags[int(match[1])]), text)

    def original(self, text: str) -> str:
        """`text` with its tags as they were."""
        return self.pattern.sub(lambda match: self.tags[int(match[1])].source, text)

    def _replace(self, match: re.Match[str]) -> str:
        if match["raw"] is not None:
            return _OPEN.sub(lambda brace: self._mark(Tag("literal", brace[0], brace[0])), match["raw"])
        return self._mark(_meaning(match))

    def _mark(self, tag: Tag) -> str:
        self.tags.append(tag)
        return f"{self.prefix}{len(self.tags) - 1}e"


def in_words(tag: Tag) -> str:
    match tag.meaning:
        case "picture":
            return not_included(tag.text)
        case "dropped":
            return ""
        case "file":
            return f"file:{tag.text}"
        case _:
            return tag.text


def not_included(alt: str) -> str:
    return f"picture not included: {alt}" if alt else "picture not included"


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
    if any(part in name for part in PICTURE_NAMES) or keyed.keys() & {"image", "img"}:
        return Tag("picture", source, *_picture(keyed, arguments))
    words = " — ".join(text for key in WORDS if (text := keyed.get(key, "").strip()))
    return Tag("words", source, words) if words else Tag("dropped", source)


def _value(source: str, value: str) -> Tag:
    """`{{ … }}`: the site's address, or a text in quotes that goes through filters. Anything else is dropped."""
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
        return Tag("words", source, text)
    return Tag("dropped", source)


def _picture(keyed: dict[str, str], arguments: str) -> tuple[str, str]:
    """(alternative text, caption): named, or the last of several texts in quotes, which may hold quotes itself."""
    if keyed:
        return " ".join(keyed.get("alt", "").split()), " ".join(keyed.get("caption", "").split())
    inside = arguments.strip().strip(",")
    parts = re.split(r"""["”'],?\s+["“']""", inside[1:-1]) if len(inside) > 2 else []
    return (" ".join(parts[-1].strip('"').split()) if len(parts) > 1 else ""), ""
