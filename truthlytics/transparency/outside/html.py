"""Reading HTML: a tree of elements, the words in it as readers see them, and what programs may read differently."""

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
# Elements that say what their words are, or how they look: a raised 2 is another figure than a 2.
MARKS = {
    "strong", "em", "b", "i", "code", "pre", "s", "sup", "sub", "blockquote", "h2", "h3", "h4", "ol", "ul", "li", "th",
    "td", "aside", "small", "a",
}  # fmt: skip
CELLS = {"th", "td"}
_MARKED = {"a": ("title",), "ol": ("start",), "th": ("colspan", "rowspan"), "td": ("colspan", "rowspan")}
# Browsers end a paragraph before these, and move what is between the rows of a table out of it.
_PHRASES_ONLY = {"p", "h1", "h2", "h3", "h4"}
# What these hold, and nothing else.
_ROWS = {
    "table": {"caption", "thead", "tbody", "tfoot"}, "thead": {"tr"}, "tbody": {"tr"}, "tfoot": {"tr"},
    "tr": {"th", "td"}, "picture": {"source", "img"},
}  # fmt: skip


class Element:
    """An element with its children: elements and texts."""

    def __init__(self, tag: str, attributes: dict[str, str]) -> None:
        self.tag, self.attributes = tag, attributes
        self.children: list[Element | str] = []

    def get(self, name: str) -> str:
        return self.attributes.get(name, "")

    @property
    def classes(self) -> list[str]:
        return self.get("class").split()

    def matches(self, *selectors: str) -> bool:
        """Return whether one of `selectors` fits: a tag, “.class”, “#id”, or “[name]”."""
        return any(self._fits(selector) for selector in selectors)

    def _fits(self, selector: str) -> bool:
        if selector[0] == ".":
            return selector[1:] in self.classes
        if selector[0] == "#":
            return self.get("id") == selector[1:]
        return selector[1:-1] in self.attributes if selector[0] == "[" else self.tag == selector

    def all(self, *selectors: str) -> list[Element]:
        """Return the elements in it that fit, in their order."""
        return [element for element in self.descendants() if element.matches(*selectors)]

    def inner(self) -> list[Element]:
        return [child for child in self.children if isinstance(child, Element)]

    def descendants(self) -> Iterator[Element]:
        for child in self.inner():
            yield child
            yield from child.descendants()

    def words(
        self,
        *without: str,
        replace: Callable[[Element], str | None] = lambda element: None,
        marks: bool = False,
    ) -> str:
        """Return the text with single spaces, leaving out elements that fit `without`.

        `replace` returns the text to use for an element, with spaces around it, or None for the element's own. With
        `marks`, elements that say what their words are stand there as tags.
        """
        return " ".join("".join(self._pieces(without, replace, marks)).split())

    def _pieces(self, without: tuple[str, ...], replace: Callable[[Element], str | None], marks: bool) -> Iterator[str]:
        for child in self.children:
            if isinstance(child, str):
                yield child
            elif child.tag not in UNSEEN and not child.matches(*without):
                text = replace(child)
                apart = " " if child.tag in APART else ""
                inner = "".join(child._pieces(without, replace, marks)) if text is None else text
                yield apart
                yield marked(child, inner) if marks and text is None else inner
                yield apart


def marked(element: Element, inner: str) -> str:
    """Return `inner`, the words of an element, between its tags, if these say something about them."""
    if element.tag not in MARKS or (element.tag not in CELLS and not inner.strip()):
        return inner
    details = [f"{name}={element.get(name)}" for name in _MARKED.get(element.tag, ()) if element.get(name)]
    details += ["callout"] if element.tag == "aside" and "callout" in element.classes else []
    return f" <{' '.join([element.tag, *details])}> {inner} </{element.tag}> "


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("", {})
        self.open = [self.root]
        self.oddities: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = self._added(tag, attrs)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._added(tag, attrs)
        if tag not in VOID and not any(element.tag == "svg" for element in self.open):
            self.oddities.append(f"an element <{tag}/> that does not end")

    def _added(self, tag: str, attrs: list[tuple[str, str | None]]) -> Element:
        parent = self.open[-1]
        attributes: dict[str, str] = {}
        for name, value in attrs:
            # Of two attributes with one name, browsers take the first.
            if name in attributes:
                self.oddities.append(f"two attributes “{name}” in one <{tag}>")
            attributes.setdefault(name, value or "")
        if any(element.tag in _PHRASES_ONLY for element in self.open) and tag in APART - {"br"}:
            self.oddities.append(f"a <{tag}> within a <{parent.tag}>")
        if tag not in _ROWS.get(parent.tag, {tag}) or (tag == "a" and any(one.tag == "a" for one in self.open)):
            self.oddities.append(f"a <{tag}> within a <{parent.tag}>")
        element = Element(tag, attributes)
        parent.children.append(element)
        return element

    def handle_endtag(self, tag: str) -> None:
        if self.open[-1].tag != tag:
            self.oddities.append(f"an end </{tag}> where <{self.open[-1].tag}> is open")
        for number in range(len(self.open) - 1, 0, -1):
            if self.open[number].tag == tag:
                del self.open[number:]
                return

    def handle_data(self, data: str) -> None:
        if data.strip() and self.open[-1].tag in _ROWS:
            self.oddities.append(f"words where an honest page has none: “{' '.join(data.split())[:40]}”")
        self.open[-1].children.append(data)

    def handle_comment(self, data: str) -> None:
        self.oddities.append(f"a comment: “{' '.join(data.split())[:40]}”")

    def handle_pi(self, data: str) -> None:
        self.oddities.append(f"a processing instruction: “{data[:40]}”")

    def unknown_decl(self, data: str) -> None:
        self.oddities.append(f"a declaration: “{data[:40]}”")


def parse(html: str) -> Element:
    return read(html)[0]


def read(html: str) -> tuple[Element, list[str]]:
    """Return the tree of a page, and what browsers may read in another way than this does.

    Honest pages have no comments, close what they open, and nest it as HTML demands.
    """
    reader = _Reader()
    reader.feed(html)
    reader.close()
    if len(reader.open) > 1:
        reader.oddities.append(f"<{reader.open[-1].tag}> does not end")
    if html.count("<!") > 1:
        reader.oddities.append("a second “<!”")
    return reader.root, reader.oddities
