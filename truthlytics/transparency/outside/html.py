"""Reading HTML: a tree of elements, and the words in it as readers see them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from html.parser import HTMLParser

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
# Elements that separate their text from what is before and after it.
APART = {
    "address", "article", "aside", "blockquote", "br", "dd", "details", "div", "dl", "dt", "figcaption", "figure",
    "footer", "h1", "h2", "h3", "h4", "header", "hr", "li", "nav", "ol", "p", "pre", "section", "summary", "table",
    "tbody", "td", "tfoot", "th", "thead", "tr", "ul",
}  # fmt: skip
UNSEEN = {"script", "style", "template"}


class Element:
    """An element with its children: elements and texts."""

    def __init__(self, tag: str, attributes: dict[str, str]) -> None:
        self.tag, self.attributes = tag, attributes
        self.children: list[Element | str] = []

    def get(self, name: str) -> str:
        return self.attributes.get(name, "")

    def matches(self, *selectors: str) -> bool:
        """Return whether one of `selectors` fits: a tag, “.class”, “#id”, or “[name]”."""
        return any(self._fits(selector) for selector in selectors)

    def _fits(self, selector: str) -> bool:
        if selector[0] == ".":
            return selector[1:] in self.get("class").split()
        if selector[0] == "#":
            return self.get("id") == selector[1:]
        return selector[1:-1] in self.attributes if selector[0] == "[" else self.tag == selector

    def all(self, *selectors: str) -> list[Element]:
        """Return the elements in it that fit, in their order."""
        return [element for element in self.descendants() if element.matches(*selectors)]

    def descendants(self) -> Iterator[Element]:
        for child in self.children:
            if isinstance(child, Element):
                yield child
                yield from child.descendants()

    def words(self, *without: str, replace: Callable[[Element], str | None] = lambda element: None) -> str:
        """Return the text with single spaces, leaving out elements that fit `without`.

        `replace` returns the text to use for an element, with spaces around it, or None for the element's own.
        """
        return " ".join("".join(self._pieces(without, replace)).split())

    def _pieces(self, without: tuple[str, ...], replace: Callable[[Element], str | None]) -> Iterator[str]:
        for child in self.children:
            if isinstance(child, str):
                yield child
            elif child.tag not in UNSEEN and not child.matches(*without):
                text = replace(child)
                apart = " " if child.tag in APART else ""
                yield apart
                if text is None:
                    yield from child._pieces(without, replace)
                else:
                    yield text
                yield apart


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("", {})
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].children.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open[-1].children.append(Element(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        for number in range(len(self.open) - 1, 0, -1):
            if self.open[number].tag == tag:
                del self.open[number:]
                return

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)


def parse(html: str) -> Element:
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.root
