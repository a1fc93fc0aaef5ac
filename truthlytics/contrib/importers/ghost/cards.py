"""Replace the cards of the editor in HTML, as Ghost has published it."""

import re
from html import escape
from typing import cast

from lxml import etree
from lxml.html import HtmlElement

from articles.richtext.nesting import limit_open_tags
from articles.richtext.vocabulary import parse, serialise
from truthlytics.contrib.importers.ghost import blocks
from truthlytics.contrib.importers.ghost.footnotes import attach_footnotes
from truthlytics.contrib.importers.media import names
from truthlytics.contrib.importers.players import embed_url
from truthlytics.contrib.importers.records import ReportLoss
from truthlytics.web.text import strip_control_characters

_GATE = re.compile(r"<!--\s*members-only\s*-->")
_FOR_SOME = re.compile(
    r"<!--\s*kg-gated-block:begin([^>]{0,500}?)-->(.*?)(?:<!--\s*kg-gated-block:end\s*-->|\Z)", re.DOTALL
)
_FOR_VISITORS = re.compile(r"nonMember\s*[:=]\s*[\"']?true")
_FILE = re.compile(r"/content/(?:files|media)/[^?#]")
_CARD = re.compile(r"\bkg-([a-z-]{1,30}?)-card\b")
# Cards that only show a form, or only are in emails.
_LEFT_OUT = {"signup": "a form to sign up", "email": "a card for emails", "email-cta": "a card for emails"}


def replace_cards(html: str, report_loss: ReportLoss) -> str:
    """Return `html` in which cards are elements that the editor here supports."""
    html = _FOR_SOME.sub(lambda match: _for_some(match, report_loss), strip_control_characters(html))
    root = parse(limit_open_tags(_GATE.sub(blocks.GATE, html)))
    for element in [element for element in root.iter(etree.Element) if _CARD.search(element.get("class") or "")]:
        if _is_below(element, root):
            _replace(element, report_loss)
    for script in list(root.iter("script")):
        # Of posts on other sites; the quotation in them stays.
        if "kg-embed-card" in (script.getparent().get("class") or "") or "twitter.com" in (script.get("src") or ""):
            script.drop_tree()
    for frame in list(root.iter("iframe")):
        address = embed_url(frame.get("src") or "")
        if address:
            _put(frame, blocks.embed(address, frame.get("title") or "", ""))
    for image in root.iter("img"):
        image.set("src", blocks.without_size(image.get("src") or ""))
    for link in root.iter("a"):
        href = link.get("href") or ""
        # The others are looked for, and reported if they are missing.
        if _FILE.search(href) and not (names.is_document(href) or names.is_sound(href)):
            report_loss("media", f"{href}, which the text links to")
    attach_footnotes(root)
    return serialise(root)


def _for_some(match: re.Match[str], report_loss: ReportLoss) -> str:
    """Return a part of the text if visitors without an account could see it."""
    if _FOR_VISITORS.search(match[1]):
        return match[2]
    report_loss("block", f"a part that only some members could see: {_text(parse(match[2]))[:200]}")
    return ""


def _is_below(element: HtmlElement, root: HtmlElement) -> bool:
    return any(ancestor is root for ancestor in element.iterancestors())


def _replace(card: HtmlElement, report_loss: ReportLoss) -> None:
    match = _CARD.search(card.get("class") or "")
    name = match[1] if match else ""
    if name in _LEFT_OUT:
        report_loss("block", f"{_LEFT_OUT[name]}: {_text(card)[:200]}")
        _put(card, "")
    elif name in _CARDS:
        _put(card, _CARDS[name](card))


def _gallery(card: HtmlElement) -> str:
    images = [(image.get("src") or "", image.get("alt") or "") for image in card.iter("img")]
    return blocks.gallery(images, _caption(card))


def _bookmark(card: HtmlElement) -> str:
    link = next(card.iter("a"), None)
    names = [_text(element) for element in _all(card, "kg-bookmark-author", "kg-bookmark-publisher")]
    title, description = _text_of(card, "kg-bookmark-title"), _text_of(card, "kg-bookmark-description")
    return blocks.bookmark(_href(link), title, description, names, _caption(card))


def _callout(card: HtmlElement) -> str:
    return blocks.callout(_text_of(card, "kg-callout-emoji"), _html_of(card, "kg-callout-text"))


def _toggle(card: HtmlElement) -> str:
    heading = _html_of(card, "kg-toggle-heading-text")
    return blocks.toggle(heading, _html_of(card, "kg-toggle-content"))


def _button(card: HtmlElement) -> str:
    return "".join(blocks.button(_href(link), _text(link)) for link in card.iter("a"))


def _audio(card: HtmlElement) -> str:
    return blocks.player("audio", _source(card, "audio"), _text_of(card, "kg-audio-title"))


def _video(card: HtmlElement) -> str:
    return blocks.player("video", _source(card, "video"), "", _caption(card))


def _file(card: HtmlElement) -> str:
    link = next(card.iter("a"), None)
    title, caption = _text_of(card, "kg-file-card-title"), _text_of(card, "kg-file-card-caption")
    name, size = _text_of(card, "kg-file-card-filename"), _text_of(card, "kg-file-card-filesize")
    return blocks.file(_href(link), title, caption, name, size)


def _product(card: HtmlElement) -> str:
    image = next(iter(_all(card, "kg-product-card-image")), None)
    rating = len(_all(card, "kg-product-card-rating-active"))
    description = _html_of(card, "kg-product-card-description")
    button = "".join(blocks.button(_href(link), _text(link)) for link in _all(card, "kg-product-card-button"))
    source = "" if image is None else image.get("src") or ""
    return blocks.product(source, _html_of(card, "kg-product-card-title"), rating, description, button)


def _header(card: HtmlElement) -> str:
    image = next(card.iter("img"), None)
    source = "" if image is None else image.get("src") or ""
    heading = _html_of(card, "kg-header-card-header") or _html_of(card, "kg-header-card-heading")
    text = _html_of(card, "kg-header-card-subheader") or _html_of(card, "kg-header-card-subheading")
    button = "".join(blocks.button(_href(link), _text(link)) for link in _all(card, "kg-header-card-button"))
    return blocks.header(source, heading, text, button)


def _call_to_action(card: HtmlElement) -> str:
    image = next(card.iter("img"), None)
    figure = blocks.figure(image.get("src") or "", image.get("alt") or "") if image is not None else ""
    label = blocks.paragraph(escape(_text_of(card, "kg-cta-sponsor-label")))
    button = "".join(blocks.button(_href(link), _text(link)) for link in _all(card, "kg-cta-button"))
    return figure + blocks.box(label + _html_of(card, "kg-cta-text") + button)


def _embed(card: HtmlElement) -> str:
    """Return the frame as an embed, or the quotation without its script, or the other content of the card."""
    frame, caption = next(card.iter("iframe"), None), _caption(card)
    if frame is not None:
        title = frame.get("title") or ""
        html = str(etree.tostring(frame, encoding="unicode", method="html", with_tail=False))
        return blocks.embed(frame.get("src") or "", title, html, caption)
    for element in [*card.iter("script"), *card.iter("figcaption")]:
        element.drop_tree()
    return serialise(card) + blocks.paragraph(caption)


_CARDS = {
    "gallery": _gallery, "bookmark": _bookmark, "callout": _callout, "toggle": _toggle, "button": _button,
    "audio": _audio, "video": _video, "file": _file, "product": _product, "header": _header, "embed": _embed,
    "cta": _call_to_action,
}  # fmt: skip


# --- Elements -------------------------------------------------------------------------------------------
def _put(element: HtmlElement, html: str) -> None:
    for new in [*parse(html)] if html else []:
        element.addprevious(new)
    element.drop_tree()


def _all(card: HtmlElement, *names: str) -> list[HtmlElement]:
    return [element for element in card.iter(etree.Element) if set(names) & set((element.get("class") or "").split())]


def _text(element: HtmlElement) -> str:
    return " ".join(str(element.text_content()).split())


def _text_of(card: HtmlElement, name: str) -> str:
    return next((_text(element) for element in _all(card, name)), "")


def _html_of(card: HtmlElement, name: str) -> str:
    return next((serialise(element).strip() for element in _all(card, name)), "")


def _caption(card: HtmlElement) -> str:
    caption = next(card.iter("figcaption"), None)
    return serialise(caption).strip() if caption is not None else ""


def _href(link: HtmlElement | None) -> str:
    return "" if link is None else cast(str, link.get("href") or "").strip()


def _source(card: HtmlElement, name: str) -> str:
    element = next(card.iter(name), None)
    if element is None:
        return ""
    return element.get("src") or next((source.get("src") or "" for source in element.iter("source")), "")
