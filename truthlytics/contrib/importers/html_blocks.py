"""Places in the HTML of a text: the block around an element, what comes before it, and dividing at it."""

from lxml import etree
from lxml import html as lxml_html
from lxml.html import HtmlElement

INLINE = {"a", "em", "strong", "b", "i", "s", "code"}
# Elements that are unwrapped later, so that a figure in them stays where it is.
UNWRAPPED = {"div", "section", "article", "header", "footer", "main", "nav", "figure", "center", "details", "dl", "dd"}


def add_behind(block: HtmlElement, figure: HtmlElement) -> None:
    """Add `figure` behind `block` and the figures that are there already."""
    while (following := block.getnext()) is not None and following.get("data-image") and not (block.tail or "").strip():
        block = following
    tail, block.tail = block.tail, None
    block.addnext(figure)
    figure.tail = tail


def is_alone(element: HtmlElement) -> bool:
    parent = element.getparent()
    return len(parent) == 1 and not parent.text_content().strip()


def is_empty(block: HtmlElement) -> bool:
    content = {"img", "figure", "hr", "iframe", "video", "audio", "sup", "div"}
    return not block.text_content().strip() and not any(child.tag in content for child in block.iter())


def block_around(element: HtmlElement, root: HtmlElement) -> HtmlElement:
    """Return the outermost element around `element` that is not unwrapped later, or `element` itself."""
    block = element
    for parent in element.iterancestors():
        if parent is root:
            break
        if parent.tag not in UNWRAPPED:
            block = parent
    return block


def has_text_before(element: HtmlElement, block: HtmlElement) -> bool:
    for event, node in etree.iterwalk(block, events=("start", "end")):
        if node is element:
            return False
        text = node.text if event == "start" else node.tail if node is not block else ""
        if (text or "").strip():
            return True
    return False


def is_on_own_line(element: HtmlElement) -> bool:
    before, after = element.getprevious(), element.getnext()
    text = (before.tail if before is not None else element.getparent().text) or ""
    tail = element.tail or ""
    starts = "\n" in text[len(text.rstrip()) :] or (before is not None and before.tag == "br" and not text.strip())
    ends = (after is None and not tail.strip()) or "\n" in tail[: len(tail) - len(tail.lstrip())]
    ends = ends or (after is not None and after.tag == "br" and not tail.strip())
    return starts and ends


def split_at(block: HtmlElement, child: HtmlElement) -> None:
    """Move what is before `child` into a paragraph of its own, before `block`."""
    first = lxml_html.Element("p")
    first.text, block.text = block.text, None
    for sibling in list(child.itersiblings(preceding=True))[::-1]:
        first.append(sibling)
    while len(first) and first[-1].tag == "br" and not (first[-1].tail or "").strip():
        first[-1].drop_tree()
    block.addprevious(first)


def split_list(block: HtmlElement, item: HtmlElement) -> None:
    """Divide a list behind `item`. The second half continues the numbers."""
    second = lxml_html.Element(block.tag)
    if block.tag == "ol":
        first, items = block.get("start", "1"), list(block.iterchildren("li"))
        second.set("start", str((int(first) if first.isdecimal() else 1) + items.index(item) + 1))
    second.extend(list(item.itersiblings()))
    second.tail, block.tail = block.tail, None
    block.addnext(second)


def remove_image(element: HtmlElement) -> None:
    """Remove an image, and the links that held nothing else."""
    while element.getparent().tag in INLINE and is_alone(element):
        element = element.getparent()
    element.drop_tree()


def replace_by_text(element: HtmlElement, text: str) -> None:
    element.tail = text + (element.tail or "")
    element.drop_tree()


def replace(old: HtmlElement, new: HtmlElement) -> None:
    new.tail, old.tail = old.tail, None
    old.getparent().replace(old, new)
