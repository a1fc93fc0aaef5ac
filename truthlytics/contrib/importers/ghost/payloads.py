"""Make HTML of the cards in the formats of the editor. Lexical and Mobiledoc have the same fields for most of them."""

from collections.abc import Callable
from html import escape

from truthlytics.contrib.importers import markdown
from truthlytics.contrib.importers.ghost import blocks
from truthlytics.contrib.importers.ghost.text import is_true, text_of
from truthlytics.contrib.importers.records import ReportLoss

Payload = dict[str, object]
MEMBERS_ONLY = "<!--members-only-->"
_LEFT_OUT = {"signup": "a form to sign up", "email": "a card for emails", "email-cta": "a card for emails"}
_NAMES = {"card-markdown": "markdown", "codeblock": "code", "horizontalrule": "hr", "divider": "hr"}


def card_html(name: str, payload: Payload, report_loss: ReportLoss) -> str | None:
    """Return the HTML of the card `name`; None if there is no such card."""
    if not _is_for_visitors(payload.get("visibility")):
        report_loss("block", "a part that only some members could see")
        return ""
    if name in _LEFT_OUT:
        report_loss("block", _LEFT_OUT[name])
        return ""
    if name in {"markdown", "card-markdown"}:
        return markdown.render(text_of(payload, "markdown"), report_loss)
    card = _CARDS.get(_NAMES.get(name, name))
    return card(payload) if card else None


def _is_for_visitors(visibility: object) -> bool:
    if not isinstance(visibility, dict):
        return True
    web = visibility.get("web")
    if isinstance(web, dict):
        return web.get("nonMember") is not False
    return visibility.get("showOnWeb") is not False


def _image(card: Payload) -> str:
    return blocks.figure(text_of(card, "src"), text_of(card, "alt"), text_of(card, "caption"), text_of(card, "href"))


def _gallery(card: Payload) -> str:
    images = card.get("images")
    found = [image for image in images if isinstance(image, dict)] if isinstance(images, list) else []
    return blocks.gallery([(text_of(image, "src"), text_of(image, "alt")) for image in found], text_of(card, "caption"))


def _bookmark(card: Payload) -> str:
    details = _details(card)
    url = text_of(card, "url") or text_of(details, "url")
    names = [text_of(details, "author"), text_of(details, "publisher")]
    title, description = text_of(details, "title"), text_of(details, "description")
    return blocks.bookmark(url, title, description, names, text_of(card, "caption"))


def _details(card: Payload) -> Payload:
    details = card.get("metadata")
    return details if isinstance(details, dict) else {}


def _callout(card: Payload) -> str:
    return blocks.callout(text_of(card, "calloutEmoji"), text_of(card, "calloutText"))


def _toggle(card: Payload) -> str:
    return blocks.toggle(text_of(card, "heading"), text_of(card, "content"))


def _button(card: Payload) -> str:
    return blocks.button(text_of(card, "buttonUrl"), text_of(card, "buttonText"))


def _audio(card: Payload) -> str:
    return blocks.player("audio", text_of(card, "src"), text_of(card, "title"), text_of(card, "caption"))


def _video(card: Payload) -> str:
    return blocks.player("video", text_of(card, "src"), text_of(card, "title", "fileName"), text_of(card, "caption"))


def _file(card: Payload) -> str:
    title, caption = text_of(card, "fileTitle"), text_of(card, "fileCaption")
    return blocks.file(text_of(card, "src"), title, caption, text_of(card, "fileName"), _size(card))


def _size(card: Payload) -> str:
    text = text_of(card, "fileSize")
    try:
        size = float(text)
    except ValueError:
        return text
    return f"{size / 1024 / 1024:.1f} MB" if size >= 1024 * 1024 else f"{size / 1024:.0f} KB"


def _product(card: Payload) -> str:
    rating = text_of(card, "productStarRating") if is_true(card.get("productRatingEnabled")) else ""
    button = blocks.button(text_of(card, "productUrl"), text_of(card, "productButton"))
    return blocks.product(
        text_of(card, "productImageSrc"),
        text_of(card, "productTitle"),
        int(rating) if rating.isdecimal() and len(rating) < 3 else 0,
        _as_paragraph(text_of(card, "productDescription")),
        button if is_true(card.get("productButtonEnabled")) else "",
    )


def _header(card: Payload) -> str:
    button = blocks.button(text_of(card, "buttonUrl"), text_of(card, "buttonText"))
    return blocks.header(
        text_of(card, "backgroundImageSrc"),
        text_of(card, "header", "heading"),
        text_of(card, "subheader", "subheading"),
        button if is_true(card.get("buttonEnabled")) else "",
    )


def _embed(card: Payload) -> str:
    title = text_of(_details(card), "title")
    return blocks.embed(text_of(card, "url"), title, text_of(card, "html"), text_of(card, "caption"))


def _call_to_action(card: Payload) -> str:
    label = text_of(card, "sponsorLabel") if is_true(card.get("hasSponsorLabel")) else ""
    button = blocks.button(text_of(card, "buttonUrl"), text_of(card, "buttonText"))
    text = _as_paragraph(label) + _as_paragraph(text_of(card, "textValue"))
    figure = blocks.figure(text_of(card, "imageUrl"), "")
    return figure + blocks.box(text + (button if is_true(card.get("showButton")) else ""))


def _as_paragraph(html: str) -> str:
    return html if html.lstrip().startswith("<") and "<p" in html else blocks.paragraph(html)


def _code(card: Payload) -> str:
    code = text_of(card, "code")
    return f"<pre><code>{escape(code)}</code></pre>{blocks.paragraph(text_of(card, 'caption'))}" if code else ""


def _html(card: Payload) -> str:
    return text_of(card, "html")


def _rule(card: Payload) -> str:
    return "<hr>"


def _paywall(card: Payload) -> str:
    return MEMBERS_ONLY


_CARDS: dict[str, Callable[[Payload], str]] = {
    "image": _image, "gallery": _gallery, "bookmark": _bookmark, "callout": _callout, "toggle": _toggle,
    "button": _button, "audio": _audio, "video": _video, "file": _file, "product": _product, "header": _header,
    "embed": _embed, "nft": _embed, "transistor": _embed, "call-to-action": _call_to_action, "code": _code,
    "html": _html, "hr": _rule, "paywall": _paywall,
}  # fmt: skip
