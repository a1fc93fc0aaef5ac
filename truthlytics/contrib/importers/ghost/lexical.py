"""Make HTML of Lexical, the format of the editor of Ghost 5 and 6."""

from collections.abc import Iterator
from html import escape

from truthlytics.contrib.importers.ghost.payloads import card_html
from truthlytics.contrib.importers.ghost.text import text_of
from truthlytics.contrib.importers.records import ReportLoss

Node = dict[str, object]
# Nodes nested deeper become text.
MAX_DEPTH = 60
_FORMATS = ((16, "code"), (1, "strong"), (2, "em"), (4, "s"), (32, "sub"), (64, "sup"))
_BLOCKS = {
    "root": "", "paragraph": "p", "quote": "blockquote", "extended-quote": "blockquote", "aside": "blockquote",
    "code": "pre", "table": "table", "tablerow": "tr",
}  # fmt: skip
_TEXTS = {"text", "extended-text", "code-highlight", "tk", "zwnj", "at-link-search", "hashtag"}
_LINKS = {"link", "autolink", "at-link"}


def to_html(root: Node, report_loss: ReportLoss) -> str:
    """Return the node `root` and what is in it as HTML."""
    return _node(root, 0, report_loss)


def _node(node: Node, depth: int, report_loss: ReportLoss) -> str:
    kind = text_of(node, "type")
    if depth > MAX_DEPTH:
        return escape(" ".join(_texts(node)))
    match kind:
        case _ if kind in _TEXTS:
            return _text(node)
        case "linebreak":
            return "<br>"
        case "tab":
            return "\t"
        case "heading" | "extended-heading":
            tag = text_of(node, "tag")
            return _element(tag if tag in {"h1", "h2", "h3", "h4", "h5", "h6"} else "h2", node, depth, report_loss)
        case "list":
            return _list(node, depth, report_loss)
        case "listitem":
            return _item(node, depth, report_loss)
        case "tablecell":
            return _element("th" if node.get("headerState") in {1, 2, 3} else "td", node, depth, report_loss)
        case _ if kind in _LINKS:
            inner, url = _children(node, depth, report_loss), text_of(node, "url")
            return f'<a href="{escape(url)}">{inner}</a>' if url else inner
    if kind in _BLOCKS and not (kind == "code" and text_of(node, "code")):
        return _element(_BLOCKS[kind], node, depth, report_loss)
    card = card_html(kind, node, report_loss)
    if card is None:
        card = _children(node, depth, report_loss)
        if not card.strip():
            report_loss("block", f"of the type “{kind[:40]}”")
    return card


def _element(tag: str, node: Node, depth: int, report_loss: ReportLoss) -> str:
    inner = _children(node, depth, report_loss)
    return f"<{tag}>{inner}</{tag}>" if tag else inner


def _children(node: Node, depth: int, report_loss: ReportLoss) -> str:
    return "".join(_node(child, depth + 1, report_loss) for child in _nodes(node))


def _nodes(node: Node) -> Iterator[Node]:
    children = node.get("children")
    yield from (child for child in children if isinstance(child, dict)) if isinstance(children, list) else ()


def _list(node: Node, depth: int, report_loss: ReportLoss) -> str:
    items: list[str] = []
    for child in _nodes(node):
        html = _node(child, depth + 1, report_loss)
        if items and [text_of(part, "type") for part in _nodes(child)] == ["list"] and items[-1].endswith("</li>"):
            # A list in a list is an item of its own, which belongs to the one before it.
            items[-1] = items[-1].removesuffix("</li>") + html.removeprefix("<li>")
        else:
            items.append(html)
    inner = "".join(items)
    if text_of(node, "listType") == "number" or text_of(node, "tag") == "ol":
        start = text_of(node, "start")
        attribute = f' start="{start}"' if start.isdecimal() and start != "1" else ""
        return f"<ol{attribute}>{inner}</ol>"
    return f"<ul>{inner}</ul>"


def _item(node: Node, depth: int, report_loss: ReportLoss) -> str:
    checked = node.get("checked")
    mark = "" if not isinstance(checked, bool) else "☑ " if checked else "☐ "
    return f"<li>{mark}{_children(node, depth, report_loss)}</li>"


def _text(node: Node) -> str:
    value = node.get("text")
    if not isinstance(value, str):
        return ""
    html = escape(text_of(node, "text") or value, quote=False)
    bits = node.get("format")
    if not html.strip() or not isinstance(bits, int):
        return html
    for bit, tag in _FORMATS:
        if bits & bit:
            html = f"<{tag}>{html}</{tag}>"
    return html


def _texts(node: Node) -> Iterator[str]:
    """Yield all texts in `node`, however deep."""
    waiting = [node]
    while waiting:
        current = waiting.pop()
        if isinstance(text := current.get("text"), str):
            yield text
        waiting += reversed(list(_nodes(current)))
