"""Find signs that only some readers could see a text. Access rules in tables of plugins are not in an export."""

import json
import re
from collections.abc import Iterator, Mapping

from truthlytics.contrib.importers import access_signs, wrappers
from truthlytics.contrib.importers.access_signs import is_telling, is_telling_value, named, settings_in
from truthlytics.contrib.importers.paid_words import has_choice, is_choice, is_paid_phrase
from truthlytics.contrib.importers.wordpress import attribute_texts, harmless, known_rules, php
from truthlytics.contrib.importers.wordpress.blocks import Reusable
from truthlytics.contrib.importers.wordpress.shortcodes import CORE
from truthlytics.web.text import word_set

# Signs of one text that are kept.
MAX_SIGNS = 20
_SHORTCODE = re.compile(r"(?<!\[)\[(/?)([^\[\]<>&/\s=\"']{1,80})((?:\s[^\[\]]*)?)/?\]")
_ATTRIBUTE = re.compile(r"""([\w-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'=\]]+))""")
_BLOCK = re.compile(r"<!--\s*wp:([a-z0-9][a-z0-9/_-]*)(?:\s+(?=\{))?", re.IGNORECASE)
# Of any block, as attributes of reusable blocks may be in any order.
_REFERENCE = re.compile(r'"ref"\s*:\s*"?(\d+)')
# Names that shortcodes may have; several words in brackets, or “…”, are prose.
_NAME = re.compile(r"[^\W\d_][\w:.-]*")
# Empty lists of conditions, also in Base64.
_NO_CONDITIONS = {"", "W10=", "[]", "{}", "e30="}
_DECODER = json.JSONDecoder()
# Of the levels of headings and lists.
_LEVEL = re.compile(r"level|level_?options|max_?level|(?:heading|title)_?level", re.IGNORECASE)
_HEADING = re.compile(r"head|title|toc|table-of-contents|accordion|faq|list", re.IGNORECASE)
# The field of a reference of Advanced Custom Fields: the field with its name without “_” has the value.
_ACF_REFERENCE = re.compile(r"field_[0-9a-f]{6,20}")
_TAXONOMIES = {"category", "post_tag", "tag", "post_format", "nav_menu", "author", "wp_theme"}
# Taxonomies of people and menus.
_NO_RULES = {"post_format", "nav_menu", "author", "wp_theme"}


def find_signs(
    content: str, values: Mapping[str, list[str]], terms: list[tuple[str, str, str]], reusable: Reusable
) -> tuple[str, ...]:
    """Return what may restrict access to a text with this content, these custom fields and these terms.

    `terms` are (taxonomy, slug, name). Reusable blocks are part of the content.
    """
    found: dict[str, None] = {}
    for sign in _all_signs(content, values, terms, reusable):
        found[sign] = None
        if len(found) == MAX_SIGNS:
            break
    return tuple(found)


def _all_signs(
    content: str, values: Mapping[str, list[str]], terms: list[tuple[str, str, str]], reusable: Reusable
) -> Iterator[str]:
    for key, several in values.items():
        for value in several:
            yield from field_signs(key, value)
    for taxonomy, slug, name in terms:
        if taxonomy not in _TAXONOMIES and is_telling(taxonomy):
            yield named(f"taxonomy {taxonomy}", name)
        elif taxonomy not in _NO_RULES and (is_paid_phrase(name) or is_paid_phrase(slug)):
            yield f"category “{name.strip()}”"
    for text in map(attribute_texts.decoded, _with_reusable(content, reusable)):
        yield from _shortcode_signs(text)
        yield from _block_signs(text)
        yield from _mark_signs(text)


def field_signs(key: str, value: str) -> Iterator[str]:
    """Yield the signs in a custom field of a text or term."""
    name = f"field {key}"
    if key in known_rules.FIELDS:
        if not known_rules.FIELDS[key][1](value.strip()):
            yield named(name, value)
        return
    only_on = key.startswith(known_rules.BUILDER_FIELDS)
    if not only_on:
        if known_rules.is_harmless_field(key) or (key.startswith("_") and _ACF_REFERENCE.fullmatch(value.strip())):
            return
        if is_telling(key):
            yield named(name, value)
            return
        if is_telling_value(value):
            yield named(name, value)
    parsed = _parsed(value)
    settings = list(settings_in(parsed, only_on=only_on))
    yield from (named(f"setting {setting} in the {name}", below) for setting, below in settings)
    if settings or only_on or harmless.is_known_field(key) or access_signs.has_harmless_name(key):
        return
    # A field that no one knows: a switch in it may be the one that closes the text.
    if is_choice(value) if parsed is None else has_choice(parsed):
        yield named(name, value)


def _parsed(value: str) -> object:
    """Return the array of PHP or JSON in `value`. If it is damaged, or has objects, the names in it."""
    text = value.strip()
    if re.match(r"[aO]:\d+:", text):
        try:
            return php.read_value(text)
        except php.InvalidValue:
            return access_signs.names_in(text)
    if text[:1] in {"{", "["}:
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            return access_signs.names_in(text)
    return None


def _shortcode_signs(text: str) -> Iterator[str]:
    if "[" not in text:
        return
    tags = list(_SHORTCODE.finditer(text))
    closed = {tag[2].casefold() for tag in tags if tag[1]}
    last = wrappers.end_of_text(text)
    for tag in tags:
        name, rest = tag[2], tag[3] or ""
        lower = name.casefold()
        if lower in CORE or lower in known_rules.HARMLESS_SHORTCODES:
            continue
        # Several words in brackets are prose, unless the first is a name or the tag is closed.
        is_shortcode = lower in closed or not rest.strip() or "=" in rest or not name.isalpha()
        wraps = lower in closed or (tag.end() <= last and _is_alone(text, tag))
        if (is_shortcode and (is_telling(name) or _is_known_shortcode(lower))) or (
            wraps and not harmless.is_known_shortcode(lower) and _NAME.fullmatch(name)
        ):
            yield f"shortcode [{name}]"
        elif is_shortcode:
            for key, *several in _ATTRIBUTE.findall(rest):
                value = next(filter(None, several), "")
                if _is_level(key, value, name) or key.casefold() in access_signs.FREE_TEXT:
                    continue
                if value in _NO_CONDITIONS and any(word in key.casefold() for word in ("condition", "logic")):
                    continue
                if is_telling(key) or is_telling_value(value):
                    yield named(f"attribute {key} of the shortcode [{name}]", value)


def _is_alone(text: str, tag: re.Match[str]) -> bool:
    """Return whether a tag is alone on its line, where what follows may have been for some readers."""
    before, after = text[max(0, tag.start() - 200) : tag.start()], text[tag.end() : tag.end() + 200]
    before, after = before.rpartition("\n")[2].rpartition(">")[2], after.partition("\n")[0].partition("<")[0]
    return not before.strip() and not after.strip()


def _is_known_shortcode(name: str) -> bool:
    return any(
        name == known or (known[-1] in "-_" and name.startswith(known)) for known, _plugin in known_rules.SHORTCODES
    )


def _block_signs(text: str) -> Iterator[str]:
    if "<!--" not in text:
        return
    last = wrappers.end_of_text(text)
    for match in _BLOCK.finditer(text):
        name = match[1].lower()
        if name in known_rules.HARMLESS_BLOCKS:
            continue
        # “premium/heading” is a usual block: its namespace says nothing.
        end = text.find("-->", match.end())
        wraps = end >= 0 and (text[end - 1] != "/" or end < last)
        if (
            is_telling(name.removeprefix("premium/"))
            or name.startswith(_KNOWN_BLOCKS)
            or (wraps and not harmless.is_known_block(name))
        ):
            yield f"block “{name}”"
        raw = text[match.end() : end if end >= 0 else len(text)]
        if raw.startswith("{") and access_signs.quick(raw):
            for setting, value in settings_in(_attributes(raw)):
                if not _is_level(setting, value, name):
                    yield named(f"attribute {setting} of the block “{name}”", value)
            yield from (f"attribute {known} of the block “{name}”" for known in known_rules.ATTRIBUTES if known in raw)


_KNOWN_BLOCKS = tuple(block for block, _plugin in known_rules.BLOCKS)


def _attributes(raw: str) -> object:
    try:
        return _DECODER.raw_decode(raw)[0]
    except (ValueError, RecursionError):
        return access_signs.names_in(raw)


def _is_level(key: str, value: str, owner: str) -> bool:
    """Return whether it is the level of a heading or list: of WordPress, or of something called so."""
    is_own = "/" not in owner.removeprefix("core/") and owner.islower() and owner not in known_rules.HARMLESS_SHORTCODES
    return bool(_LEVEL.fullmatch(key) and re.fullmatch(r"[0-6\[\], ]*", value)) and (
        bool(_HEADING.search(owner)) or (is_own and owner in _CORE_WITH_LEVELS)
    )


_CORE_WITH_LEVELS = word_set(
    "heading core/heading site-title post-title query-title comments-title page-list navigation-submenu "
    "table-of-contents site-tagline term-name"
)


def _mark_signs(text: str) -> Iterator[str]:
    yield from (f"mark “{mark}”" for mark in known_rules.MARKS if mark in text)
    for sign in (*access_signs.marks_in(text), *wrappers.wrappers_in(text)):
        # Those of known plugins have their own sign.
        if not any(mark in sign for mark in known_rules.MARKS):
            yield sign


def _with_reusable(content: str, reusable: Reusable) -> list[str]:
    """Return `content` and the contents of the reusable blocks in it, and in those."""
    texts, seen = [content], set()
    for text in texts:
        for number in _REFERENCE.findall(text):
            if number not in seen and (found := reusable(number)) is not None:
                texts.append(found)
            seen.add(number)
    return texts
