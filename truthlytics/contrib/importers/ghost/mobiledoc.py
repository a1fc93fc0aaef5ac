"""Make HTML of Mobiledoc, the format of the editor of Ghost 1 to 5."""

from html import escape

from truthlytics.contrib.importers.ghost.payloads import card_html
from truthlytics.contrib.importers.records import ReportLoss

_TAGS = {"p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "aside", "ul", "ol"}
_MARKS = {name: name for name in ("strong", "em", "code", "s", "sub", "sup")} | {"b": "strong", "i": "em"}


def to_html(document: dict[str, object], report_loss: ReportLoss) -> str:
    """Return `document` as HTML. Parts that have another form than those of Mobiledoc are left out and reported."""
    return _Document(document, report_loss).html()


class _Document:
    def __init__(self, document: dict[str, object], report_loss: ReportLoss) -> None:
        self.markups, self.atoms = _list(document.get("markups")), _list(document.get("atoms"))
        self.cards, self.sections = _list(document.get("cards")), _list(document.get("sections"))
        self.report_loss = report_loss

    def html(self) -> str:
        return "".join(self._section(section) for section in self.sections)

    def _section(self, section: object) -> str:
        match section:
            case [1, str() as tag, list() as markers, *_]:
                return self._paragraph(tag.lower(), markers)
            case [2, str() as source, *_]:
                return self._card("image", {"src": source})
            case [3, str() as tag, list() as items, *_]:
                inner = "".join(f"<li>{self._markers(item)}</li>" for item in items if isinstance(item, list))
                return f"<ol>{inner}</ol>" if tag.lower() == "ol" else f"<ul>{inner}</ul>"
            case [10, int() as number, *_] if 0 <= number < len(self.cards):
                match self.cards[number]:
                    case [str() as name, dict() as payload, *_]:
                        return self._card(name, payload)
                    case [str() as name, *_]:
                        return self._card(name, {})
        self.report_loss("block", "a damaged part of the text")
        return ""

    def _paragraph(self, tag: str, markers: list[object]) -> str:
        tag = tag if tag in _TAGS else "p"
        name = "blockquote" if tag == "aside" else tag
        return f"<{name}>{self._markers(markers)}</{name}>"

    def _card(self, name: str, payload: dict[str, object]) -> str:
        html = card_html(name, payload, self.report_loss)
        if html is None:
            self.report_loss("block", f"of the type “{name[:40]}”")
        return html or ""

    def _markers(self, markers: list[object]) -> str:
        parts: list[str] = []
        open_tags: list[str] = []
        for marker in markers:
            match marker:
                case [int() as kind, list() as opened, int() as closed, value, *_]:
                    for number in opened:
                        start, end = self._mark(number)
                        parts.append(start)
                        open_tags.append(end)
                    parts.append(self._atom(value) if kind == 1 else _text(value))
                    for _ in range(min(closed, len(open_tags))):
                        parts.append(open_tags.pop())
        return "".join(parts + open_tags[::-1])

    def _mark(self, number: object) -> tuple[str, str]:
        """Return the tags of a mark; "" if it has none."""
        mark = self.markups[number] if isinstance(number, int) and 0 <= number < len(self.markups) else None
        match mark:
            case [str() as name, list() as attributes] if name.lower() == "a":
                pairs = dict(zip(attributes[::2], attributes[1::2], strict=False)) if _is_text(attributes) else {}
                return f'<a href="{escape(pairs.get("href", ""))}">', "</a>"
            case [str() as name, *_] if name.lower() in _MARKS:
                tag = _MARKS[name.lower()]
                return f"<{tag}>", f"</{tag}>"
        return "", ""

    def _atom(self, number: object) -> str:
        atom = self.atoms[number] if isinstance(number, int) and 0 <= number < len(self.atoms) else None
        match atom:
            case ["soft-return" | "soft-break", *_]:
                return "<br>"
            case [str(), text, *_]:
                return _text(text)
        return ""


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _is_text(values: list[object]) -> bool:
    return all(isinstance(value, str) for value in values)


def _text(value: object) -> str:
    return escape(value, quote=False) if isinstance(value, str) else ""
