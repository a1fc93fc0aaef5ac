"""Convert a Word document to the HTML that Word puts on the clipboard, with its classes, list paragraphs and notes."""

import re
import zipfile
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any

from lxml import etree

START = (
    '<html xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:w="urn:schemas-microsoft-com:office:word">'
    "<head><meta name=Generator content='Microsoft Word 15'><style><!-- p.MsoNormal {mso-style-unhide:no} --></style>"
    "</head><body lang=EN-GB><!--StartFragment-->"
)
END = "<!--EndFragment--></body></html>"


@dataclass
class Document:
    """The content of the document's XML, and its clipboard HTML."""

    html: str = ""
    words: list[str] = field(default_factory=list)
    items: list[str] = field(default_factory=list)
    cells: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    bold: list[str] = field(default_factory=list)
    italic: list[str] = field(default_factory=list)


def local(element: Any) -> str:
    return str(etree.QName(element).localname)


def value(element: Any, name: str) -> str:
    return next((str(content) for key, content in element.attrib.items() if etree.QName(key).localname == name), "")


def first(element: Any, name: str) -> Any:
    return next((child for child in element.iter() if isinstance(child.tag, str) and local(child) == name), None)


class _Reader:
    def __init__(self, path: Path) -> None:
        self.archive = zipfile.ZipFile(path)
        self.document = Document()
        self.parts = {kind: self.part(f"word/{kind}s.xml") for kind in ("footnote", "endnote")}
        self.used: list[tuple[str, str]] = []

    def part(self, name: str) -> Any:
        return etree.fromstring(self.archive.read(name)) if name in self.archive.namelist() else None

    def targets(self, part: str) -> dict[str, str]:
        rels = self.part(f"word/_rels/{part}.xml.rels")
        return {} if rels is None else {value(rel, "Id"): value(rel, "Target") for rel in rels}

    def read(self) -> Document:
        body = first(self.part("word/document.xml"), "body")
        html = "".join(self.block(child) for child in body)
        notes = "".join(self.note(kind, number) for kind, number in self.used)
        if notes:
            kind = self.used[0][0]
            notes = (
                f"<div style='mso-element:{kind}-list'><br clear=all><hr align=left size=1 width='33%'>{notes}</div>"
            )
        self.document.html = START + html + notes + END
        return self.document

    def block(self, element: Any) -> str:
        if local(element) == "tbl":
            rows = "".join(
                "<tr>" + "".join(self.cell(cell) for cell in row if local(cell) == "tc") + "</tr>"
                for row in element
                if local(row) == "tr"
            )
            return f"<table class=MsoTableGrid border=1 style='border-collapse:collapse'>{rows}</table>"
        return self.paragraph(element) if local(element) == "p" else ""

    def cell(self, cell: Any) -> str:
        self.document.cells.append(" ".join(text for text in cell.itertext() if text.strip()))
        inner = "".join(self.block(child) for child in cell)
        return f"<td width=308 valign=top style='width:231.05pt;border:solid windowtext 1.0pt'>{inner}</td>"

    def paragraph(self, element: Any) -> str:
        runs = self.runs(element, "document")
        text = "".join(part.text or "" for part in element.iter() if isinstance(part.tag, str) and local(part) == "t")
        self.document.words += re.findall(r"\w+", text.lower())
        if first(element, "numPr") is None:
            return f"<p class=MsoNormal><span lang=EN-GB>{runs}<o:p></o:p></span></p>\n"
        self.document.items.append(text)
        level = int(value(first(element, "ilvl"), "val")) + 1
        return (
            f"<p class=MsoListParagraph style='margin-left:36.0pt;text-indent:-18.0pt;mso-list:l0 level{level} lfo1'>"
            "<![if !supportLists]><span style='font-family:Symbol'><span style='mso-list:Ignore'>·"
            "<span style='font:7.0pt \"Times New Roman\"'>&nbsp;&nbsp;&nbsp; </span></span></span><![endif]>"
            f"{runs}<o:p></o:p></p>\n"
        )

    def runs(self, element: Any, part: str) -> str:
        html = ""
        for child in element:
            name = local(child)
            if name == "hyperlink":
                target = self.targets(part).get(value(child, "id"), "")
                self.document.links.append(target)
                html += f'<a href="{escape(target)}"><span class=MsoHyperlink>{self.runs(child, part)}</span></a>'
            elif name == "r":
                html += self.run(child)
        return html

    def run(self, run: Any) -> str:
        html = ""
        for child in run:
            name = local(child)
            if name == "t":
                text = escape(child.text or "")
                for tag, kind, texts in (("b", "b", self.document.bold), ("i", "i", self.document.italic)):
                    if first(run, tag) is not None:
                        texts += re.findall(r"\w+", text)
                        text = f"<{kind} style='mso-bidi-font-weight:normal'>{text}</{kind}>"
                html += text
            elif name in {"footnoteReference", "endnoteReference"}:
                kind, number = name.removesuffix("Reference"), value(child, "id")
                self.used.append((kind, number))
                html += self.mark(kind, len(self.used), to="", back="ref")
            elif name == "drawing":
                html += '<img width=10 height=10 src="file:///C:/clip_image001.png" v:shapes="Picture_x0020_1">'
            elif name == "commentReference":
                html += "<span class=MsoCommentReference><a class=msocomanchor href='#_msocom_1'>[MW1]</a></span>"
        return html

    def mark(self, kind: str, number: int, *, to: str, back: str) -> str:
        short = {"footnote": "ftn", "endnote": "edn"}[kind]
        return (
            f'<a style=\'mso-{kind}-id:{short}{number}\' href="#_{short}{to}{number}" name="_{short}{back}{number}" '
            f"title=\"\"><span class=Mso{kind.title()}Reference><span style='mso-special-character:{kind}'>"
            f"<![if !support{kind.title()}s]>[{number}]<![endif]></span></span></a>"
        )

    def note(self, kind: str, number: str) -> str:
        note = next(note for note in self.parts[kind] if value(note, "id") == number)
        place = self.used.index((kind, number)) + 1
        text = "".join(part.text or "" for part in note.iter() if isinstance(part.tag, str) and local(part) == "t")
        self.document.notes.append(text.strip())
        short = {"footnote": "ftn", "endnote": "edn"}[kind]
        paragraphs = "".join(self.runs(child, f"{kind}s") for child in note if local(child) == "p")
        mark = self.mark(kind, place, to="ref", back="")
        return (
            f"<div style='mso-element:{kind}' id={short}{place}>"
            f"<p class=Mso{kind.title()}Text>{mark}{paragraphs}</p></div>"
        )


def read(path: Path) -> Document:
    return _Reader(path).read()
