"""Rendered text for programs that do not have the site's style sheet, such as feed readers."""

from urllib.parse import urljoin

from articles.richtext.vocabulary import parse, serialise
from truthlytics.web.markup import HtmlElement

# Attributes that are useful without the site's style sheet.
_ATTRIBUTES = {"href", "src", "alt", "width", "height", "title", "lang", "dir", "colspan", "rowspan", "scope", "start"}


def simple_html(html: str, url: str) -> str:
    """Return rendered text in simple markup: no margin notes, absolute URLs, one size per image. `url` is its page."""
    root = parse(html)
    for note in list(root.iter("small")):
        if "sidenote" in note.get("class", ""):
            note.drop_tree()
    # The parser nests what follows a `<source>` in it: the image must survive.
    for element in list(root.iter("picture", "source")):
        element.drop_tag()
    for element in root.iter("*"):
        _simplify(element, url)
    return serialise(root)


def _simplify(element: HtmlElement, url: str) -> None:
    if element.tag == "aside":  # a pull quote or a callout
        element.tag = "blockquote"
    for name in set(element.attrib) - _ATTRIBUTES:
        del element.attrib[name]
    for name in ("href", "src"):
        if name in element.attrib:
            element.set(name, _resolve(element.get(name), url))


def _resolve(link: str, url: str) -> str:
    try:
        return urljoin(url, link)
    except ValueError:  # an invalid URL, such as `http://[`: leave it as written
        return link
