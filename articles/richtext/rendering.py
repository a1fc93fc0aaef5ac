"""From the bytes of a version to what readers see. Pure: the same content and files give the same HTML.

The words come from the content alone; the library gives only the files of pictures.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.html import escape
from django.utils.text import slugify

from articles.access import Level
from articles.media.html import Picture, picture_tag
from articles.richtext import embeds
from articles.richtext.vocabulary import parse, serialise
from truthlytics.web.markup import HtmlElement, lxml_html
from truthlytics.web.text import runs_from_right

# Without a mark the free part is this many blocks, and never more than a third of the words.
# Small print beside the text that is none of its words.
APART = {"sidenote", "embed__where", "embed__credit"}
FREE_BLOCKS = 3
FREE_SHARE = 3
_BLOCK = re.compile(r"</(?:p|div|h[2-4]|li|tr|blockquote|figcaption|pre|aside)>")
_CELL = re.compile(r"</t[hd]>")
_TAG = re.compile(r"<[^>]+>")
# What has a direction of its own, by most of its letters.
DIRECTED = ("p", "h2", "h3", "h4", "ul", "ol", "li", "blockquote", "th", "td")
# A cell that holds a figure: digits, and round them signs and a short unit.
_FIGURE = re.compile(r"[^\w\s]*(?:[^\W\d_]{1,3})?[^\w\s]?\s?\d[\d.,:\s’%‰–−/()+-]*(?:[^\W\d_]{1,3})?[^\w\s]?")
_LONGEST_FIGURE = 30
# A cell that says more than this holds sentences.
_SENTENCES = 40
_BARE = {"", "–", "—", "-", "−", "…", "n/a"}
_ADDRESS = re.compile(r"https?://[^\s<>\"]*[^\s<>\".,;:!?)\]]")


@dataclass(frozen=True, slots=True)
class Rendered:
    """The derived columns of a version: HTML and plain text, each for the free part and for all of it."""

    free_html: str
    free_notes: str
    paid_html: str
    paid_notes: str
    plain_free: str
    plain_all: str
    words_free: int
    words_all: int


def render(content: Mapping[str, Any], pictures: Mapping[str, Picture]) -> Rendered:
    """Render `content` (see record.py). The free part is computed from the free blocks alone.

    `pictures` maps a picture's uuid to its renditions; a figure whose picture is not there yet keeps its caption.
    """
    root = parse(content["body"])
    blocks = split(root, gated=content["required_level"] != Level.EVERYBODY)
    renderer = _Renderer(content["pictures"], pictures)
    free, paid = (renderer.blocks(part) for part in blocks)
    everything = free + paid
    plain_free, plain_all = plain(free), plain(everything)
    return Rendered(
        free_html=free,
        free_notes=renderer.notes_of(blocks[0]) if paid else renderer.all_notes(),
        paid_html=paid,
        paid_notes=renderer.all_notes() if paid else "",
        plain_free=plain_free,
        plain_all=plain_all,
        words_free=len(plain_free.split()),
        words_all=len(plain_all.split()),
    )


def split(root: HtmlElement, *, gated: bool) -> tuple[list[HtmlElement], list[HtmlElement]]:
    """The blocks of the free part, and those behind the gate; the gate's mark itself is in neither."""
    marks = [number for number, block in enumerate(root) if block.tag == "hr" and block.get("data-gate") is not None]
    blocks = [block for block in root if block.get("data-gate") is None]
    if not gated:
        return blocks, []
    end = marks[0] if marks else _default_end(blocks)
    return blocks[:end], blocks[end:]


def _default_end(blocks: Sequence[HtmlElement]) -> int:
    words = [len(block.text_content().split()) for block in blocks]
    end = min(FREE_BLOCKS, len(blocks))
    while end > 1 and sum(words[:end]) * FREE_SHARE > sum(words):
        end -= 1
    return end


def plain(html: str) -> str:
    """The words of rendered HTML, a line a block; marks, margin notes and numbers of notes left out."""
    if not html:
        return ""
    root = parse(html)
    for extra in list(root.iter("sup", "small")):
        if "cite" in extra.get("class", "") or extra.get("class") in APART:
            extra.drop_tree()
    for line_break in root.iter("br"):
        line_break.tail = "\n" + (line_break.tail or "")
    text = _TAG.sub("", _CELL.sub(" ", _BLOCK.sub("\n", serialise(root))))
    lines = (" ".join(line.split()) for line in lxml_html.fromstring(f"<pre>{text}</pre>").text_content().split("\n"))
    return "\n".join(line for line in lines if line)


def _linked(note: str) -> str:
    """`note` as HTML: an address in it can be followed."""
    parts, end = [], 0
    for found in _ADDRESS.finditer(note):
        href = escape(found[0])
        parts += [escape(note[end : found.start()]), f'<a href="{href}" rel="noopener">{href}</a>']
        end = found.end()
    return "".join([*parts, escape(note[end:])])


class _Renderer:
    def __init__(self, words: Mapping[str, Any], files: Mapping[str, Picture]) -> None:
        self.words, self.files = words, files
        self.notes: list[str] = []
        self.anchors: set[str] = set()
        self.tables = 0

    def blocks(self, blocks: Sequence[HtmlElement]) -> str:
        return "\n".join(self.block(block) for block in blocks)

    def block(self, block: HtmlElement) -> str:
        block.tail = None
        if block.tag in {"h2", "h3", "h4"} and "id" not in block.attrib:
            block.set("id", self.anchor(block.text_content()))
        for mark in list(block.iterfind(".//sup[@data-footnote]")):
            self.footnote(mark)
        for code in block.iter("pre"):
            code.set("tabindex", "0")  # it scrolls in itself, also for those who use the keyboard
        for link in block.iter("a"):
            if link.get("href", "").startswith(("http:", "https:")):
                link.set("rel", "noopener")
        for part in block.iter(*DIRECTED):
            if all(runs_from_right(one.text_content()) for one in part.findall("li") or [part]):
                part.set("dir", "rtl")
        if block.tag == "figure":
            return self.figure(block)
        if block.tag == "aside":
            return self.pull_quote(block)
        if block.tag == "table":
            return self.table(block)
        if block.tag == "div":
            return self.embed(block)
        for inner in list(block.iter("table")):
            inner.addprevious(lxml_html.fromstring(self.table(inner)))
            inner.drop_tree()
        return str(lxml_html.tostring(block, encoding="unicode"))

    def anchor(self, heading: str) -> str:
        base = slugify(heading)[:60] or "part"
        name, number = base, 2
        while name in self.anchors:
            name, number = f"{base}-{number}", number + 1
        self.anchors.add(name)
        return name

    def footnote(self, mark: HtmlElement) -> None:
        """The mark becomes a link to the list of notes, with a copy beside it for the margin."""
        note = mark.get("data-footnote", "")
        self.notes.append(note)
        number = len(self.notes)
        made = parse(
            f'<sup class="cite" id="ref-{number}"><a href="#note-{number}" role="doc-noteref" '
            f'aria-label="Note {number}">{number}</a></sup>'
            f'<small class="sidenote" aria-hidden="true"><b>{number}</b>{escape(note)}</small>'
        )
        for part in list(made):
            mark.addprevious(part)
        mark.drop_tree()

    def notes_of(self, blocks: Sequence[HtmlElement]) -> str:
        """The notes to `blocks` alone, which come first and so have the first numbers."""
        marks = sum("cite" in mark.get("class", "") for block in blocks for mark in block.iter("sup"))
        return self._list(self.notes[:marks])

    def all_notes(self) -> str:
        return self._list(self.notes)

    def _list(self, notes: Sequence[str]) -> str:
        return "".join(
            f'<li id="note-{number}">{_linked(note)} <a href="#ref-{number}" role="doc-backlink">'
            f'↑<span class="visually-hidden"> back to note {number} in the text</span></a></li>'
            for number, note in enumerate(notes, start=1)
        )

    def figure(self, figure: HtmlElement) -> str:
        uuid = figure.get("data-image", "")
        words = self.words.get(uuid)
        if words is None:
            return ""
        caption = figure.find("figcaption")
        own = serialise(caption).strip() if caption is not None else ""
        tall = uuid in self.files and self.files[uuid].height > self.files[uuid].width
        image = (
            picture_tag(self.files[uuid], words["alt"], sizes="(min-width: 62rem) 37rem, 94vw")
            if uuid in self.files
            else ""
        )
        text = own or escape(words["caption"])
        return (
            f'<figure class="figure{" figure--tall" * tall}">{image}<figcaption class="figure__caption">{text} '
            f'<span class="figure__credit">{escape(words["credit"])}</span></figcaption></figure>'
        )

    def embed(self, embed: HtmlElement) -> str:
        uuid = embed.get("data-image", "")
        words = self.words.get(uuid)
        image = picture_tag(self.files[uuid], words["alt"], sizes="12rem") if words and uuid in self.files else ""
        credit = words["credit"] if words else ""
        return embeds.drawn(embed.get("data-embed", ""), embed.get("data-title", ""), picture=image, credit=credit)

    def pull_quote(self, aside: HtmlElement) -> str:
        for part in list(aside.iter("p")):
            part.drop_tag()
        by = f"<footer>{escape(aside.get('data-by'))}</footer>" if aside.get("data-by") else ""
        return f'<aside class="pullquote" role="note" aria-label="Pull quote"><p>{serialise(aside)}</p>{by}</aside>'

    def table(self, table: HtmlElement) -> str:
        """A table that scrolls in itself; a first row of head cells becomes its head."""
        for cell in table.iter("th", "td"):
            if len(cell) == 1 and cell[0].tag == "p" and not (cell.text or "").strip():
                cell[0].drop_tag()
        body = table.find("tbody")
        rows = [] if body is None else body.findall("tr")
        if table.find("thead") is None and rows and all(cell.tag == "th" for cell in rows[0]):
            head = lxml_html.Element("thead")
            head.append(rows[0])
            table.insert(0, head)
        for cell in table.iter("th"):
            in_head = any(parent.tag == "thead" for parent in cell.iterancestors())
            cell.set("scope", "col" if in_head else "row")
        _set_columns(table)
        table.tail = None
        self.tables += 1
        label = f"Table {self.tables}"
        return (
            f'<div class="table"><div class="table__scroll" tabindex="0" role="region" aria-label="{label}">'
            f"{lxml_html.tostring(table, encoding='unicode')}</div></div>"
        )


def _set_columns(table: HtmlElement) -> None:
    """Marks the cells of each column of figures and of sentences, its head too; the first names its row: no figures.

    A table with cells that span keeps its columns unmarked: nobody can say which cell is whose.
    """
    rows = [[cell for cell in row if cell.tag in {"td", "th"}] for row in table.iter("tr")]
    if any(cell.get("colspan") or cell.get("rowspan") for row in rows for cell in row):
        return
    for number in range(max((len(row) for row in rows), default=0)):
        column = [row[number] for row in rows if len(row) > number]
        said = [" ".join(cell.text_content().split()) for cell in column if cell.tag == "td"]
        filled = [words for words in said if words.lower() not in _BARE]
        if any(len(words) > _SENTENCES for words in filled):
            look = "words"
        elif number and filled and all(len(one) <= _LONGEST_FIGURE and _FIGURE.fullmatch(one) for one in filled):
            look = "figures"
        else:
            continue
        for cell in column:
            cell.set("class", look)
