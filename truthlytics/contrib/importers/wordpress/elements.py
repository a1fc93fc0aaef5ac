"""Read the fields of an item."""

import hashlib
from datetime import UTC, datetime, tzinfo
from email.utils import parsedate_to_datetime
from html import escape, unescape
from urllib.parse import unquote
from xml.etree.ElementTree import Element

from lxml import etree
from lxml import html as lxml_html

from articles.richtext.struck import mark_struck
from truthlytics.contrib.importers.fields import parse_time
from truthlytics.contrib.importers.wordpress.items import is_wordpress, local_name
from truthlytics.web.text import strip_control_characters


def field(item: Element, name: str) -> str:
    """Return the text of the child with this name of WordPress's namespace, stripped; "" if there is none."""
    return next((_text(child) for child in item if local_name(child) == name and is_wordpress(child)), "").strip()


def plain_field(item: Element, name: str) -> str:
    """Return the text of the child with this name, of any namespace."""
    return next((_text(child) for child in item if local_name(child) == name), "")


def encoded_field(item: Element, kind: str) -> str:
    """Return the content or the excerpt, which have the same name in two namespaces."""
    return next((_text(child) for child in item if local_name(child) == "encoded" and kind in child.tag), "")


def _text(element: Element) -> str:
    """Return the text. In files edited by hand it may contain elements, which are HTML that was not escaped."""
    if not len(element):
        return element.text or ""
    parts = [escape(element.text or "")]
    for child in element:
        name = local_name(child)
        attributes = "".join(f' {key}="{escape(value)}"' for key, value in child.attrib.items())
        parts.append(f"<{name}{attributes}>{_text(child) if len(child) else escape(child.text or '')}</{name}>")
        parts.append(escape(child.tail or ""))
    return "".join(parts)


def meta(item: Element, name: str = "postmeta") -> dict[str, list[str]]:
    """Return the values of the custom fields of an item, or with the name "termmeta" of a term, by key."""
    values: dict[str, list[str]] = {}
    for child in item:
        if local_name(child) == name:
            values.setdefault(field(child, "meta_key"), []).append(plain_field(child, "meta_value"))
    return values


def first(values: dict[str, list[str]], *keys: str) -> str:
    """Return the first value that is not empty of the first of these keys that has one."""
    return next((value.strip() for key in keys for value in values.get(key, ()) if value.strip()), "")


def categories(item: Element) -> list[tuple[str, str, str]]:
    """Return the item's terms as (taxonomy, slug, name). Those that WXR 1.0 repeats without a slug are left out."""
    found: dict[tuple[str, str], tuple[str, str, str]] = {}
    for child in item:
        if local_name(child) == "category" and not is_wordpress(child):
            domain, name = child.get("domain") or "category", " ".join(unescape(_text(child)).split())
            slug = unquote(child.get("nicename") or "")
            known = found.get((domain, name.casefold()))
            if name and (known is None or not known[1]):
                found[domain, name.casefold()] = (domain, slug, name)
    domains: dict[str, set[str]] = {}
    for domain, slug, name in found.values():
        if slug:
            domains.setdefault(name.casefold(), set()).add(domain)
    # Without a domain and slug, it repeats one that has both.
    return [term for term in found.values() if term[1] or not domains.get(term[2].casefold())]


def line_of_text(text: str) -> str:
    """Return HTML, such as a title, as plain text on one line."""
    text = strip_control_characters(unescape(text))
    if "<" in text:
        text = text_of(text)
    return " ".join(text.split())


def text_of(html: str) -> str:
    """Return the text of `html`, with spaces between blocks."""
    try:
        root = lxml_html.fragment_fromstring(html, create_parent="div")
    except (etree.ParserError, ValueError):
        return html
    for element in list(root.iter("script", "style", etree.Comment)):
        element.drop_tree()
    mark_struck(root)
    for element in root.iter("p", "br", "div", "li"):
        element.tail = f" {element.tail or ''}"
    return str(root.text_content())


def written_at(item: Element, prefix: str, zone: tzinfo, *, fallback: str = "") -> datetime | None:
    """Return the time in UTC: that in GMT, else the local one, else `fallback` as emails have it. None if invalid."""
    if time := parse_time(field(item, f"{prefix}_date_gmt")):
        return time
    if time := parse_time(field(item, f"{prefix}_date")):
        return time.replace(tzinfo=zone).astimezone(UTC)
    return parse_email_date(fallback)


def parse_email_date(text: str) -> datetime | None:
    try:
        time = parsedate_to_datetime(text.strip())
        time = time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return time if time.year >= 1900 else None


def digest(item: Element) -> str:
    """Return a digest of all texts of the item, to detect changes at the source."""
    found = hashlib.sha256()
    for element in item.iter():
        attributes = sorted(element.attrib.items()) if element is not item else ()
        for part in (local_name(element), *(value for pair in attributes for value in pair), element.text or ""):
            found.update(part.encode(errors="replace"))
            found.update(b"\0")
    return found.hexdigest()
