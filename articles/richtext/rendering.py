"""Rendering of article bodies: from the content of a version to the HTML that readers see.

Pure: the same content and image files give the same HTML. Text comes from the content only; the image library
provides nothing but the files.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.html import escape
from django.utils.text import slugify
from django.utils.translation import gettext as _

from articles.access import Level
from articles.media.html import ResponsiveImage, picture_tag
from articles.richtext import embeds
from articles.richtext.struck import mark_struck
from articles.richtext.vocabulary import MISSING_IMAGE, parse, serialise
from articles.sources.addresses import ADDRESS
from truthlytics.web.markup import HtmlElement, lxml_html
from truthlytics.web.text import is_right_to_left
from truthlytics.web.types import Content

# Classes of small print that does not count as text of the article.
SMALL_PRINT = {"sidenote", "embed__site", "embed__where", "embed__credit", "figure__ai"}
# Without a paywall marker, the free part is at most three blocks and at most a third of the words.
FREE_BLOCKS = 3
FREE_SHARE = 3
_BLOCK_END = re.compile(r"</(?:p|div|h[2-4]|li|tr|blockquote|figcaption|pre|aside)>")
_CELL_END = re.compile(r"</t[hd]>")
_TAG = re.compile(r"<[^>]+>")
# Elements that get a text direction of their own.
DIRECTIONAL_TAGS = ("p", "h2", "h3", "h4", "ul", "ol", "li", "blockquote", "th", "td")
# A table cell that holds a number, with signs and a short unit.
_FIGURE = re.compile(r"[^\w\s]*(?:[^\W\d_]{1,3})?[^\w\s]?\s?\d[\d.,:\s’%‰–−/()+-]*(?:[^\W\d_]{1,3})?[^\w\s]?")
_MAX_FIGURE_LENGTH = 30
# A table cell longer than this holds prose.
_MIN_PROSE_LENGTH = 40
_EMPTY_CELLS = {"", "–", "—", "-", "−", "…", "n/a"}
# Narrower images are not enlarged to the width of the text.
SMALL_WIDTH = 480
# The `sizes` of images in the text, by their `data-size`.
_SIZES = {
    "": "(min-width: 62rem) 37rem, 94vw",
    "wide": "(min-width: 62rem) 55rem, 94vw",
    "aside": "(min-width: 40rem) 17rem, 94vw",
}


# How many images each row of a gallery has, by their number, as in css/components/gallery.css.
_GALLERY_ROWS = {2: (2,), 3: (3,), 4: (2, 2), 5: (2, 3), 6: (3, 3)}
_GALLERY_SIZES = {
    2: "(min-width: 62rem) 27rem, (min-width: 40rem) 46vw, 94vw",
    3: "(min-width: 62rem) 18rem, (min-width: 40rem) 30vw, 94vw",
}


@dataclass(frozen=True, slots=True)
class RenderedBody:
    """The derived columns of a version: HTML and plain text, of the free part and of the whole text."""

    free_html: str
    free_notes: str
    paid_html: str
    paid_notes: str
    plain_free: str
    plain_all: str
    words_free: int
    words_all: int


def render(content: Content, images: Mapping[str, ResponsiveImage]) -> RenderedBody:
    """Render `content` (see integrity.py). The free part is rendered from the free blocks only.

    `images` maps image UUIDs to their renditions. A figure without renditions yet is rendered as its caption.
    """
    root = parse(content["body"])
    if MISSING_IMAGE in content["body"]:
        _drop_notes(root)
    free_blocks, paid_blocks = split_at_gate(root, gated=content["required_level"] != Level.EVERYONE)
    words_free, words_paid = count_words(free_blocks), count_words(paid_blocks)
    renderer = _Renderer(content["pictures"], images)
    free, paid = renderer.blocks(free_blocks), renderer.blocks(paid_blocks)
    plain_free, plain_all = plain_text(free), plain_text(free + paid)
    return RenderedBody(
        free_html=free,
        free_notes=renderer.notes_of(free_blocks) if paid else renderer.all_notes(),
        paid_html=paid,
        paid_notes=renderer.all_notes() if paid else "",
        plain_free=plain_free,
        plain_all=plain_all,
        words_free=words_free,
        words_all=words_free + words_paid,
    )


def _drop_notes(root: HtmlElement) -> None:
    """Remove the notes about images that an import could not get, and what held nothing else."""
    for note in list(root.iter("em")):
        if (note.text or "").startswith(MISSING_IMAGE) and not len(note):
            parent = note.getparent()
            note.drop_tree()
            while parent.tag in {"a", "p", "li", "strong"} and not len(parent) and not (parent.text or "").strip():
                parent, empty = parent.getparent(), parent
                empty.drop_tree()


def split_at_gate(root: HtmlElement, *, gated: bool) -> tuple[list[HtmlElement], list[HtmlElement]]:
    """Return the free blocks and the gated blocks, without the paywall marker itself."""
    markers = [number for number, block in enumerate(root) if block.tag == "hr" and block.get("data-gate") is not None]
    blocks = [block for block in root if block.get("data-gate") is None]
    if not gated:
        return blocks, []
    end = markers[0] if markers else _default_end(blocks)
    return blocks[:end], blocks[end:]


def _default_end(blocks: Sequence[HtmlElement]) -> int:
    words = [count_words([block]) for block in blocks]
    end = min(FREE_BLOCKS, len(blocks))
    while end > 1 and sum(words[:end]) * FREE_SHARE > sum(words):
        end -= 1
    return end


def count_words(blocks: Iterable[HtmlElement]) -> int:
    """Return the number of words in `blocks` of a body, without images, their captions and footnotes.

    The editor counts the same words in static/newsroom/js/article/canvas.js.
    """
    html = "".join(lxml_html.tostring(block, encoding="unicode") for block in blocks if not _shows_images(block))
    return len(plain_text(html).split())


def _shows_images(block: HtmlElement) -> bool:
    return block.tag == "figure" or block.get("data-gallery") is not None


def plain_text(html: str) -> str:
    """Return the text of rendered HTML, one line per block, without note numbers, margin notes and small print.

    Struck words are between marks, see `struck.py`.
    """
    if not html:
        return ""
    root = parse(html)
    for element in list(root.iter("sup", "small")):
        if "cite" in element.get("class", "") or element.get("class") in SMALL_PRINT:
            element.drop_tree()
    mark_struck(root)
    for line_break in root.iter("br"):
        line_break.tail = "\n" + (line_break.tail or "")
    text = _TAG.sub("", _CELL_END.sub(" ", _BLOCK_END.sub("\n", serialise(root))))
    lines = (" ".join(line.split()) for line in lxml_html.fromstring(f"<pre>{text}</pre>").text_content().split("\n"))
    return "\n".join(line for line in lines if line)


def _link_urls(note: str) -> str:
    """Return the plain text `note` as HTML with its URLs linked."""
    parts, end = [], 0
    for match in ADDRESS.finditer(note):
        href = escape(match[0])
        parts += [escape(note[end : match.start()]), f'<a href="{href}" rel="noopener">{href}</a>']
        end = match.end()
    return "".join([*parts, escape(note[end:])])


class _Renderer:
    """Renders the blocks of one body in order, numbering its footnotes, headings and tables.

    `details` maps image UUIDs to the alt text, caption and credit that the content holds.
    """

    def __init__(self, details: Content, images: Mapping[str, ResponsiveImage]) -> None:
        self.details, self.images = details, images
        self.notes: list[str] = []
        self.heading_ids: set[str] = set()
        self.tables = 0

    def blocks(self, blocks: Sequence[HtmlElement]) -> str:
        return "\n".join(self.block(block) for block in blocks)

    def block(self, block: HtmlElement) -> str:
        block.tail = None
        if block.tag in {"h2", "h3", "h4"} and "id" not in block.attrib:
            block.set("id", self.heading_id(block.text_content()))
        for mark in list(block.iterfind(".//sup[@data-footnote]")):
            self.footnote(mark)
        for code in block.iter("pre"):
            code.set("tabindex", "0")  # Makes the scrollable area reachable by keyboard.
        for link in block.iter("a"):
            link.attrib.pop("data-source", None)
            if link.get("href", "").startswith(("http:", "https:")):
                link.set("rel", "noopener")
        if block.get("data-button") is not None:
            del block.attrib["data-button"]
            block[0].set("class", "button")
        for element in block.iter(*DIRECTIONAL_TAGS):
            if all(is_right_to_left(child.text_content()) for child in element.findall("li") or [element]):
                element.set("dir", "rtl")
        if block.tag == "figure":
            return self.figure(block)
        if block.tag == "aside":
            return self.callout(block) if block.get("class") == "callout" else self.pull_quote(block)
        if block.tag == "table":
            return self.table(block)
        if block.tag == "div":
            return self.embed(block) if block.get("data-gallery") is None else self.gallery(block)
        for inner in list(block.iter("table")):
            inner.addprevious(lxml_html.fromstring(self.table(inner)))
            inner.drop_tree()
        return str(lxml_html.tostring(block, encoding="unicode"))

    def heading_id(self, heading: str) -> str:
        base = slugify(heading)[:60] or "part"
        name, number = base, 2
        while name in self.heading_ids:
            name, number = f"{base}-{number}", number + 1
        self.heading_ids.add(name)
        return name

    def footnote(self, mark: HtmlElement) -> None:
        """Replace the mark with a link to the list of notes and a copy of the note for the margin."""
        note = mark.get("data-footnote", "")
        self.notes.append(note)
        number = len(self.notes)
        before = mark.getprevious()
        follows_note = before is not None and before.get("class") == "sidenote" and not before.tail
        replacement = parse(
            f'<sup class="cite" id="ref-{number}">{", " if follows_note else ""}'
            f'<a href="#note-{number}" role="doc-noteref" '
            f'aria-label="{escape(_("Note %(number)d") % {"number": number})}">{number}</a></sup>'
            f'<small class="sidenote" aria-hidden="true"><b>{number}</b>{escape(note)}</small>'
        )
        for element in list(replacement):
            mark.addprevious(element)
        mark.drop_tree()

    def notes_of(self, blocks: Sequence[HtmlElement]) -> str:
        """Render the notes of `blocks`, which must be the first blocks of the body."""
        count = sum("cite" in mark.get("class", "") for block in blocks for mark in block.iter("sup"))
        return self._list(self.notes[:count])

    def all_notes(self) -> str:
        return self._list(self.notes)

    def _list(self, notes: Sequence[str]) -> str:
        back = escape(_("back to note %(number)d in the text"))
        return "".join(
            f'<li id="note-{number}">{_link_urls(note)} <a href="#ref-{number}" role="doc-backlink">'
            f'↑<span class="visually-hidden"> {back % {"number": number}}</span></a></li>'
            for number, note in enumerate(notes, start=1)
        )

    def gallery(self, gallery: HtmlElement) -> str:
        """Render the images of a gallery in rows, as one block. Those without a size yet are left out."""
        shown = [figure for figure in gallery if self.figure(figure)]
        columns = [columns for columns in _GALLERY_ROWS.get(len(shown), ()) for _column in range(columns)]
        if not columns:
            return "".join(self.figure(figure) for figure in shown)
        figures = [self.figure(figure, _GALLERY_SIZES[n]) for figure, n in zip(shown, columns, strict=True)]
        return f'<div class="gallery gallery--{len(shown)}">{"".join(figures)}</div>'

    def figure(self, figure: HtmlElement, sizes: str = "") -> str:
        """Render an image with its caption and credit; "" if it has no size yet. `sizes` is as in `picture_tag`."""
        uuid = figure.get("data-image", "")
        details = self.details.get(uuid)
        if details is None:
            return ""
        figcaption = figure.find("figcaption")
        own_caption = serialise(figcaption).strip() if figcaption is not None else ""
        tall = uuid in self.images and self.images[uuid].height > self.images[uuid].width
        size = figure.get("data-size", "")
        small = not size and not sizes and uuid in self.images and self.images[uuid].width < SMALL_WIDTH
        image = (
            picture_tag(self.images[uuid], details["alt"], sizes=sizes or _SIZES[size]) if uuid in self.images else ""
        )
        if not image:  # No size is made yet; a caption and a credit alone would puzzle readers.
            return ""
        caption = own_caption or escape(details["caption"])
        classes = "figure" + f" figure--{size}" * bool(size) + " figure--tall" * tall + " figure--small" * small
        direction = ' dir="rtl"' * is_right_to_left(_TAG.sub("", caption))
        return (
            f'<figure class="{classes}">{image}<figcaption class="figure__caption"{direction}>{caption} '
            f'<span class="figure__credit">{escape(details["credit"])}</span>{ai_mark(self.images[uuid])}'
            "</figcaption></figure>"
        )

    def embed(self, embed: HtmlElement) -> str:
        uuid = embed.get("data-image", "")
        details = self.details.get(uuid)
        image = (
            picture_tag(self.images[uuid], details["alt"], sizes="(min-width: 40rem) 12rem, 94vw")
            if details and uuid in self.images
            else ""
        )
        credit, mark = (details["credit"], ai_mark(self.images[uuid])) if image and details else ("", "")
        address, title = embed.get("data-embed", ""), embed.get("data-title", "")
        return embeds.render_embed(address, title, image=image, credit=credit, mark=mark)

    def pull_quote(self, aside: HtmlElement) -> str:
        for paragraph in list(aside.iter("p")):
            paragraph.drop_tag()
        by = f"<footer>{escape(aside.get('data-by'))}</footer>" if aside.get("data-by") else ""
        label = escape(_("Pull quote"))
        return f'<aside class="pullquote" role="note" aria-label="{label}"><p>{serialise(aside)}</p>{by}</aside>'

    def callout(self, aside: HtmlElement) -> str:
        return f'<aside class="callout" role="note">{serialise(aside)}</aside>'

    def table(self, table: HtmlElement) -> str:
        """Render a scrollable table. A first row of header cells becomes its head."""
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
        _classify_columns(table)
        table.tail = None
        self.tables += 1
        label = escape(_("Table %(number)d") % {"number": self.tables})
        return (
            f'<div class="table"><div class="table__scroll" tabindex="0" role="region" aria-label="{label}">'
            f"{lxml_html.tostring(table, encoding='unicode')}</div></div>"
        )


def ai_mark(image: ResponsiveImage) -> str:
    """Render the label of an image by AI, for behind its credit; "" for others. It is not in the text of a version."""
    label = escape(image.ai_label)
    return f' <small class="figure__ai" data-outside-record="">{label}</small>' if label else ""


def _classify_columns(table: HtmlElement) -> None:
    """Set a class on the cells of number columns and prose columns, including their headers.

    The first column names the rows, so it is never a number column. Tables with spanning cells are left alone, since
    their cells cannot be assigned to columns.
    """
    rows = [[cell for cell in row if cell.tag in {"td", "th"}] for row in table.iter("tr")]
    if any(cell.get("colspan") or cell.get("rowspan") for row in rows for cell in row):
        return
    for number in range(max((len(row) for row in rows), default=0)):
        column = [row[number] for row in rows if len(row) > number]
        texts = [" ".join(cell.text_content().split()) for cell in column if cell.tag == "td"]
        filled = [text for text in texts if text.lower() not in _EMPTY_CELLS]
        if any(len(text) > _MIN_PROSE_LENGTH for text in filled):
            class_name = "words"
        elif number and filled and all(len(text) <= _MAX_FIGURE_LENGTH and _FIGURE.fullmatch(text) for text in filled):
            class_name = "figures"
        else:
            continue
        for cell in column:
            cell.set("class", class_name)
