"""What becomes of the images of a text: figures and galleries of the image library, or notes about what is missing.

A gallery of the source is a `<div data-gallery>`, or a `<figure>` or list of nothing but images with several of them.
A picture that links to its own larger file becomes that file.
"""

import re
from dataclasses import dataclass
from itertools import batched

from lxml import html as lxml_html
from lxml.html import HtmlElement

from articles.models import Document, Image, Recording
from articles.richtext.vocabulary import MAX_GALLERY, MIN_GALLERY
from truthlytics.contrib.importers.html_blocks import (
    INLINE,
    add_behind,
    block_around,
    has_text_before,
    is_alone,
    is_empty,
    is_on_own_line,
    remove_image,
    replace,
    replace_by_text,
    split_at,
    split_list,
)
from truthlytics.contrib.importers.media import names
from truthlytics.contrib.importers.media.library import MediaLibrary
from truthlytics.contrib.importers.records import MediaRecord, Record, ReportLoss
from truthlytics.contrib.importers.tag_marks import image_placeholder
from truthlytics.contrib.importers.wanted_files import sounds_of, wanted_file, wanted_image, wanted_lead

_IN_CAPTION = {"a", "em", "strong", "code", "b", "i", "sup", "sub", "q", "s", "br"}
_LISTS = {"ul", "ol"}
# Small pictures that represent characters.
_EMOJI = re.compile(r"//s\.w\.org/images/core/emoji/|/wp-includes/images/smilies/|//twemoji\.")


@dataclass
class Pictures:
    """The images and other files of `record`, as far as `library` has them. `missing` counts those that it does not."""

    record: Record
    report_loss: ReportLoss
    library: MediaLibrary | None = None
    missing: int = 0
    # The recording of the article, if its text has one and no other.
    recording: Recording | None = None

    def lead(self) -> Image | None:
        """Return the lead image of the record. Reports one that is missing."""
        lead = self.record.lead
        if lead is None:
            return None
        image = self.library.image(wanted_lead(lead, self.record).key) if self.library else None
        if image is None:
            self.missing += 1
            self.report_loss("image", f"lead image: {lead.alt or lead.url or lead.path}{self._why(lead)}")
        return image

    def find(self, element: HtmlElement) -> Image | None:
        """Return the image that `element`, an `<img>`, shows. Reports one that is missing."""
        wanted = wanted_image(element, self.record, self.library) if self.library else None
        image = self.library.image(wanted.key) if self.library and wanted else None
        if image is None:
            self.missing += 1
            what = element.get("alt") or element.get("src") or ""
            self.report_loss("image", what + (self._why(wanted.media) if wanted else ""))
        elif wanted and wanted.alt and image.alt and wanted.alt != image.alt:
            # Here an image has one description.
            self.report_loss("description", f"{wanted.alt} (here: {image.alt})")
        return image

    def document_url(self, href: str) -> str | None:
        """Return the new address of a document that the text links to; None if `href` is none, or that is missing."""
        document = self._file(href) if names.is_document(href) else None
        return document.get_absolute_url() if isinstance(document, Document) else None

    def sound(self, url: str) -> Recording | None:
        """Return the recording at `url`, an address in the text."""
        recording = self._file(url)
        return recording if isinstance(recording, Recording) else None

    def _file(self, url: str) -> object | None:
        wanted = wanted_file(url, self.record, self.library) if self.library else None
        if wanted is None or self.library is None:
            return None
        file = self.library.file(wanted.key)
        if file is None:
            self.missing += 1
            if self.library.is_active:
                self.report_loss("media", f"{url}{self._why(wanted.media)}")
        return file

    def _why(self, media: MediaRecord) -> str:
        reason = self.library.reason((media.source, media.source_id)) if self.library else ""
        return f" ({reason.rstrip('.')})" if reason else ""


# --- Recordings -----------------------------------------------------------------------------------------
def take_recording(root: HtmlElement, pictures: Pictures) -> None:
    """Take the only sound of an article out of its text: it becomes its recording, which has a player of its own."""
    sounds = sounds_of(root, pictures.record)
    found = [pictures.sound(url) for url in sounds]
    if pictures.record.target != "article" or len(found) != 1 or found[0] is None:
        return
    pictures.recording = found[0]
    for player in list(root.iter("audio")):
        player.drop_tree()
    for link in list(root.iter("a")):
        href, text = link.get("href") or "", link.text_content().strip()
        if names.is_sound(href) and text == href and link.getparent().tag == "p" and _is_alone_but_for_text(link):
            link.getparent().drop_tree()


def _is_alone_but_for_text(link: HtmlElement) -> bool:
    paragraph = link.getparent()
    return len(paragraph) == 1 and paragraph.text_content().strip() == link.text_content().strip()


# --- Figures and galleries ------------------------------------------------------------------------------
def place_images(root: HtmlElement, pictures: Pictures) -> None:
    """Replace every `<img>` under `root` by a figure, a part of a gallery, or a note."""
    for element in list(root.iter("img")):
        if _EMOJI.search(element.get("src") or ""):
            replace_by_text(element, element.get("alt") or "")
    galleries = [element for element in root.iter("figure", "div", "ul") if _is_gallery(element)]
    for gallery in galleries:
        if not any(other in galleries for other in gallery.iterancestors()):
            _place_gallery(gallery, root, pictures)
    for element in list(root.iter("img")):
        if not any(parent is root for parent in element.iterancestors()):
            continue  # It was in the caption of another one.
        image = pictures.find(element)
        if image is None:
            replace(element, _note(element))
        else:
            _place_figure(element, image, root)


def _note(element: HtmlElement, within: HtmlElement | None = None) -> HtmlElement:
    """Return a note for the newsroom about a missing image, with its caption, which alone would puzzle readers."""
    alt, caption = element.get("alt") or "", _caption_of(element, within)
    words = " ".join(caption.text_content().split()) if caption is not None else ""
    described = f"{alt.rstrip('.')}. " if alt and alt != words else ""
    return image_placeholder(f"{described}Caption: {words}" if words else alt)


def _is_gallery(element: HtmlElement) -> bool:
    count = sum(1 for _ in element.iter("img"))
    if element.tag == "div":
        return element.get("data-gallery") is not None and count > 0
    if count < MIN_GALLERY or next(element.iter("table"), None) is not None:
        return False
    return element.tag == "figure" or _has_only_images(element)


def _has_only_images(items: HtmlElement) -> bool:
    """Return whether each item of a list is an image, with or without a caption."""
    if any(next(item.iter("img"), None) is None for item in items.iterchildren("li")):
        return False
    captions = sum(len(_words(caption)) for caption in items.iter("figcaption"))
    return len(_words(items)) == captions


def _words(element: HtmlElement) -> str:
    return "".join(element.text_content().split())


def _place_gallery(gallery: HtmlElement, root: HtmlElement, pictures: Pictures) -> None:
    """Put the images of `gallery` that exist before it, in galleries of an allowed size. The rest stays."""
    figures = []
    for element in list(gallery.iter("img")):
        if (image := pictures.find(element)) is None:
            replace(element, _note(element, within=gallery))
            continue
        # The caption of the gallery itself belongs to none of its images.
        figures.append(_figure(image, _caption_of(element, within=gallery)))
        remove_image(element)
    anchor = block_around(gallery, root)
    count = -(-len(figures) // MAX_GALLERY)
    size = -(-len(figures) // count) if count else 1
    for part in batched(figures, size):
        if len(part) < MIN_GALLERY:
            anchor.addprevious(part[0])
        else:
            block = lxml_html.Element("div", {"data-gallery": ""})
            block.extend(part)
            anchor.addprevious(block)
    gallery.attrib.pop("data-gallery", None)


def _place_figure(element: HtmlElement, image: Image, root: HtmlElement) -> None:
    """Put a figure where `element` was, or beside the paragraph, list or table that it was in."""
    figure = _figure(image, _caption_of(element))
    holder = element
    while holder.getparent().tag in INLINE and is_alone(holder):
        holder = holder.getparent()
    block = block_around(holder, root)
    if block is holder:
        replace(holder, figure)
    elif not has_text_before(holder, block):
        block.addprevious(figure)
        holder.drop_tree()
    elif block.tag == "p" and holder.getparent() is block and is_on_own_line(holder):
        split_at(block, holder)
        block.addprevious(figure)
        holder.drop_tree()
    else:
        item = next((parent for parent in holder.iterancestors("li") if parent.getparent() is block), None)
        holder.drop_tree()
        if item is not None and item.getnext() is not None:
            split_list(block, item)
        add_behind(block, figure)
    if block is not holder and block.tag in {"table", "p", *_LISTS} and is_empty(block):
        block.drop_tree()


def _figure(image: Image, caption: HtmlElement | None) -> HtmlElement:
    figure = lxml_html.Element("figure", {"data-image": str(image.uuid)})
    if caption is not None:
        figure.append(caption)
    return figure


def _caption_of(element: HtmlElement, within: HtmlElement | None = None) -> HtmlElement | None:
    """Return the caption of the figure that `element` alone is in, taken out of it, with inline elements only."""
    holder = next(element.iterancestors("figure"), None)
    if holder is None or holder is within or sum(1 for _ in holder.iter("img")) != 1:
        return None
    captions = [caption for caption in holder.iter("figcaption") if caption.text_content().strip()]
    if len(captions) != 1:
        return None
    caption = captions[0]
    caption.drop_tree()
    caption.tail = None
    for child in list(caption.iterdescendants()):
        if child.tag not in _IN_CAPTION:
            child.tail = f" {child.tail or ''}"
            child.drop_tag()
    caption.attrib.clear()
    return caption
