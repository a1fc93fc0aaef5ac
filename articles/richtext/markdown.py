"""Article bodies as Markdown (CommonMark with tables and footnotes). What Markdown cannot say stays as HTML."""

import re
from collections.abc import Mapping

from articles.richtext.vocabulary import parse
from truthlytics.web.markup import HtmlElement, lxml_html
from truthlytics.web.types import Content

_SPECIAL = re.compile(r"([\\`*_\[\]<>~|])")
_ENTITY = re.compile(r"&(?=#?\w+;)")
# What would begin a heading, a list, a line or a table at the start of a line.
_LINE_START = re.compile(r"^(\s*)(?:([#+=:-])|(\d+)([.)]))", re.MULTILINE)
_BACKTICKS = re.compile(r"`+")
WRAPPED = {"strong": "**", "em": "*", "s": "~~"}

# Blocks in a list item or quotation, beside text.
BLOCKS = {"p", "h2", "h3", "h4", "ul", "ol", "blockquote", "pre", "table", "hr"}


def to_markdown(body: str, pictures: Content, files: Mapping[str, str]) -> str:
    """Return a body of the editor as Markdown, with a line end behind each block.

    `pictures` are the alternative text, caption and credit of images by UUID, `files` their paths. The mark of the paid
    part stays as `<hr data-gate>`. Footnotes come at the end.
    """
    converter = _Converter(pictures, files)
    blocks = converter.blocks(parse(body)) if body else []
    notes = [f"[^{number}]: {escape_text(note)}" for number, note in enumerate(converter.notes, start=1)]
    return "".join(f"{block}\n\n" for block in [*blocks, *notes]).rstrip("\n") + "\n"


def escape_text(text: str) -> str:
    """Return plain text so that Markdown shows it as it is."""
    return _LINE_START.sub(_escape_start, _ENTITY.sub("&amp;", _SPECIAL.sub(r"\\\1", " ".join(text.split()))))


def _escape_start(match: re.Match[str]) -> str:
    return f"{match[1]}\\{match[2]}" if match[2] else f"{match[1]}{match[3]}\\{match[4]}"


class _Converter:
    def __init__(self, pictures: Content, files: Mapping[str, str]) -> None:
        self.pictures, self.files = pictures, files
        self.notes: list[str] = []

    def blocks(self, parent: HtmlElement) -> list[str]:
        return [text for block in parent if (text := self.block(block))]

    def block(self, block: HtmlElement) -> str:
        match block.tag:
            case "h2" | "h3" | "h4":
                return "#" * int(block.tag[1]) + " " + self.line(block)
            case "ul" | "ol":
                return self.list(block)
            case "blockquote":
                return _prefixed("> ", self.inner(block))
            case "aside":
                by = f"\n\n— {escape_text(block.get('data-by', ''))}" if block.get("data-by") else ""
                return _prefixed("> ", self.inner(block) + by)
            case "pre":
                return _fenced(block.text_content())
            case "hr":
                return "<hr data-gate>" if block.get("data-gate") is not None else "---"
            case "table":
                return self.table(block)
            case "figure":
                return self.figure(block)
            case "div" if block.get("data-gallery") is not None:
                return "\n\n".join(self.blocks(block))
            case "div":
                url, title = block.get("data-embed", ""), block.get("data-title", "")
                return f"[{escape_text(title)}]({_address(url)})" if title else f"<{_address(url)}>"
        return self.text(block)

    def inner(self, element: HtmlElement) -> str:
        """Return the content of an element that has blocks or text."""
        if any(child.tag in BLOCKS for child in element):
            loose = [escape_text(element.text)] if (element.text or "").strip() else []
            return "\n\n".join(loose + self.blocks(element))
        return self.text(element)

    def list(self, items: HtmlElement) -> str:
        first, lines = int(items.get("start") or 1), []
        for number, item in enumerate(items, start=first):
            mark = "- " if items.tag == "ul" else f"{number}. "
            lines.append(_prefixed(" " * len(mark), self.inner(item)).replace(" " * len(mark), mark, 1))
        return "\n".join(lines)

    def table(self, table: HtmlElement) -> str:
        """Return a table of equal rows with pipes, and any other, or one with a table in it, as HTML."""
        rows = [[cell for cell in row if cell.tag in {"th", "td"}] for row in table.iter("tr")]
        is_plain = (
            rows
            and table.find(".//table") is None
            and len({len(row) for row in rows}) == 1
            and all(cell.tag == "th" for cell in rows[0])
        )
        cells = [cell for row in rows for cell in row]
        if not is_plain or any(cell.get("colspan") or cell.get("rowspan") or len(cell) > 1 for cell in cells):
            return _html(table)
        lines = ["| " + " | ".join(self.cell(cell) for cell in row) + " |" for row in rows]
        return "\n".join([lines[0], "|" + " --- |" * len(rows[0]), *lines[1:]])

    def cell(self, cell: HtmlElement) -> str:
        return self.line(cell[0] if len(cell) == 1 and cell[0].tag == "p" else cell)

    def figure(self, figure: HtmlElement) -> str:
        uuid = figure.get("data-image", "")
        texts, caption = self.pictures.get(uuid, {}), figure.find("figcaption")
        image = f"![{escape_text(texts.get('alt', ''))}]({_address(self.files.get(uuid, uuid))})"
        own = self.line(caption) if caption is not None else ""
        lines = [own or escape_text(texts.get("caption", "")), escape_text(texts.get("credit", ""))]
        return "\n\n".join([image, *(line for line in lines if line)])

    def line(self, element: HtmlElement) -> str:
        return " ".join(self.text(element).replace("\\\n", " ").split())

    def text(self, element: HtmlElement) -> str:
        return _LINE_START.sub(_escape_start, self.inline(element).strip())

    def inline(self, element: HtmlElement) -> str:
        parts = [_inline_text(element.text)]
        for child in element:
            parts += [self.inline_element(child), _inline_text(child.tail)]
        return "".join(parts)

    def inline_element(self, element: HtmlElement) -> str:
        match element.tag:
            case "br":
                return "\\\n"
            case "code":
                return _code(element.text_content())
            case "sup" if element.get("data-footnote"):
                self.notes.append(element.get("data-footnote", ""))
                return f"[^{len(self.notes)}]"
            case "a":
                return f"[{self.inline(element).strip()}]({_address(element.get('href', ''))})"
            case "sub" | "sup":
                return f"<{element.tag}>{self.inline(element)}</{element.tag}>"
        inner = self.inline(element)
        mark = WRAPPED.get(element.tag, "")
        if not mark or not inner.strip():
            return inner
        # Marks that touch a space are no marks.
        before, after = inner[: len(inner) - len(inner.lstrip())], inner[len(inner.rstrip()) :]
        return f"{before}{mark}{inner.strip()}{mark}{after}"


def _inline_text(text: str | None) -> str:
    return _ENTITY.sub("&amp;", _SPECIAL.sub(r"\\\1", re.sub(r"\s+", " ", text or "")))


def _prefixed(prefix: str, text: str) -> str:
    return "\n".join((prefix + line).rstrip() for line in text.split("\n"))


def _address(url: str) -> str:
    """Return an address as the target of a link, without characters that would end it."""
    return re.sub(r"[\s<>()\\]", lambda match: f"%{ord(match[0]):02X}", url)


def _code(text: str) -> str:
    fence = "`" * (max((len(run) for run in _BACKTICKS.findall(text)), default=0) + 1)
    space = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{space}{' '.join(text.split())}{space}{fence}" if text.strip() else ""


def _fenced(text: str) -> str:
    fence = "`" * max(3, max((len(run) for run in _BACKTICKS.findall(text)), default=0) + 1)
    return f"{fence}\n{text.rstrip()}\n{fence}"


def _html(element: HtmlElement) -> str:
    """Return the element as HTML without blank lines, which would end it, and with notes as text."""
    for mark in list(element.iter("sup")):
        if note := mark.get("data-footnote"):
            mark.text = f"({note})"
            mark.attrib.clear()
    element.tail = None
    return re.sub(r"\n\s*\n", "\n", str(lxml_html.tostring(element, encoding="unicode")))
