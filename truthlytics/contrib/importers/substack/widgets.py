"""Replace the widgets in texts of Substack: images, embeds, buttons and forms.

Substack describes most of them in an attribute, `data-attrs`, as JSON. Nothing in it can be relied on.
"""

import json
import re
from collections.abc import Callable, Iterable
from html import unescape
from urllib.parse import parse_qs, unquote, urlsplit

from lxml import html as lxml_html
from lxml.html import HtmlElement

from truthlytics.contrib.importers.players import embed_url
from truthlytics.contrib.importers.records import ReportLoss
from truthlytics.web.text import split_words
from truthlytics.web.types import JsonObject

# Replaces an element and returns True, or returns False if it is none of its kind.
Handler = Callable[[HtmlElement, ReportLoss], bool]

_CDN = re.compile(
    r"https?://(?:substackcdn\.com|cdn\.substack\.com)/image/fetch/(?:[^/?#]*/)?(https?(?::|%3A).+)", re.IGNORECASE
)
_ID = re.compile(r"[\w.:-]{1,100}", re.ASCII)
# Ends of paths that buttons of Substack itself lead to, and their parameters.
_OWN_PATHS = ("/subscribe", "/comments", "/leaderboard", "/refer", "/gift", "/chat", "/donate", "/account")
_OWN_PARAMETERS = {"gift": "true", "action": "share", "donate": "true", "group": "true"}


# --- Elements ---------------------------------------------------------------------------------------------------------
def new(tag: str, attributes: dict[str, str] | None = None, *children: HtmlElement, text: str = "") -> HtmlElement:
    element = lxml_html.Element(tag, attributes or {})
    element.text = text or None
    element.extend(children)
    return element


def replace(element: HtmlElement, *replacements: HtmlElement) -> None:
    """Put `replacements` in the place of `element`. The text behind it stays."""
    for replacement in replacements:
        element.addprevious(replacement)
        replacement.tail = None
    element.drop_tree()


def data_of(element: HtmlElement) -> dict[str, object]:
    """Return what `data-attrs` says; {} if it is damaged. Some are escaped twice."""
    text = element.get("data-attrs") or ""
    for _ in range(3):
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            text = unescape(text)
            continue
        return value if isinstance(value, dict) else {}
    return {}


def text_of(data: JsonObject, *names: str) -> str:
    """Return the first text that is not empty, on one line."""
    values = (data.get(name) for name in names)
    return next((" ".join(value.split()) for value in values if isinstance(value, str) and value.strip()), "")


def text_in(element: HtmlElement, class_name: str) -> str:
    return next((" ".join(found.text_content().split()) for found in element.find_class(class_name)), "")


def web_address(text: str) -> str:
    """Return `text` if it is an http(s) address, else ""."""
    try:
        parts = urlsplit(text.strip())
        return text.strip() if parts.scheme in {"http", "https"} and parts.hostname else ""
    except ValueError:
        return ""


def source_address(url: str) -> str:
    """Return the address of the original of an image, which Substack serves in other sizes from another host."""
    for _ in range(3):
        match = _CDN.fullmatch(url.strip())
        if match is None:
            break
        url = match[1] if match[1].lower().startswith(("http:", "https:")) else unquote(match[1])
    return url.strip()


def embed(url: str, title: str) -> HtmlElement:
    """Return an embed of `url`, or a link if that cannot be embedded."""
    if address := embed_url(url):
        return new("div", {"data-embed": address, **({"data-title": title} if title else {})})
    return new("p", None, new("a", {"href": url}, text=title or url))


# --- Images -----------------------------------------------------------------------------------------------------------
def _figure(element: HtmlElement, report_loss: ReportLoss) -> bool:
    """Replace an image, or several, by figures. The caption of several is that of the last."""
    images = list(element.iter("img"))
    if not images:
        return False
    caption = next(element.iter("figcaption"), None)
    figures = [_image(image, data_of(image) or data_of(element)) for image in images]
    if caption is not None and (caption.text_content().strip() or len(caption)):
        caption.tail = None
        caption.attrib.clear()
        figures[-1].append(caption)
    replace(element, *figures)
    return True


def _image(image: HtmlElement, data: dict[str, object]) -> HtmlElement:
    src = web_address(text_of(data, "src")) or image.get("src") or ""
    alt = " ".join((image.get("alt") or "").split()) or text_of(data, "alt", "title")
    picture = new("img", {"src": source_address(src), "alt": alt})
    href = web_address(text_of(data, "href"))
    return new("figure", None, new("a", {"href": href}, picture) if href else picture)


def _described_image(element: HtmlElement, report_loss: ReportLoss) -> bool:
    """Replace an image that is only described: no `<img>` is in it."""
    data = data_of(element)
    src = web_address(text_of(data, "src"))
    if not src or next(element.iter("img"), None) is not None:
        return _figure(element, report_loss)
    title = text_of(data, "title")
    figure = _image(new("img", {"src": src}), data)
    if title:
        figure.append(new("figcaption", text=title))
    replace(element, figure)
    return True


def _gallery(element: HtmlElement, report_loss: ReportLoss) -> bool:
    gallery = data_of(element).get("gallery")
    gallery = gallery if isinstance(gallery, dict) else {}
    images = gallery.get("images")
    figures = [
        _image(new("img"), image)
        for image in (images if isinstance(images, list) else [])
        if isinstance(image, dict) and web_address(text_of(image, "src"))
    ]
    if not figures:
        return _figure(element, report_loss)
    if caption := text_of(gallery, "caption", "alt"):
        figures[-1].append(new("figcaption", text=caption))
    replace(element, *figures)
    return True


# --- Embeds -----------------------------------------------------------------------------------------------------------
def _player(element: HtmlElement, report_loss: ReportLoss) -> bool:
    """Replace a video, sound, map or post of another site by an embed."""
    data = data_of(element)
    urls = [*_built(element, data), text_of(data, "url"), element.get("src") or ""]
    urls += [frame.get("src") or "" for frame in element.iter("iframe") if frame is not element]
    urls += [link.get("href") or "" for link in element.iter("a")]
    url = next((url for url in urls if embed_url(url)), "")
    if not url:
        return False
    title = text_of(data, "title") or " ".join((element.get("title") or "").split())
    replace(element, embed(url, title))
    return True


def _built(element: HtmlElement, data: dict[str, object]) -> Iterable[str]:
    """Yield addresses that are described by the number of a video or post only."""

    def part(*names: str) -> str:
        found = text_of(data, *names)
        return found if _ID.fullmatch(found) else ""

    classes = (element.get("class") or "").split()
    if "youtube-wrap" in classes and (video := part("videoId")):
        yield f"https://www.youtube.com/watch?v={video}"
    if "vimeo-wrap" in classes and (video := part("videoId")):
        yield f"https://vimeo.com/{video}"
    if "instagram" in classes and (post := part("instagram_id")):
        yield f"https://www.instagram.com/p/{post}/"
    if "bluesky-wrap" in classes and (post := part("postId")) and (author := part("authorHandle", "authorDid")):
        yield f"https://bsky.app/profile/{author}/post/{post}"


def _frame(element: HtmlElement, report_loss: ReportLoss) -> bool:
    return element.tag == "iframe" and _player(element, report_loss)


def _tweet(element: HtmlElement, report_loss: ReportLoss) -> bool:
    """Replace a post by a quotation with its address, so that it stays readable when the original is deleted."""
    data = data_of(element)
    links = (link.get("href") or "" for link in element.iter("a"))
    url = next((address for link in (text_of(data, "url"), *links) if (address := web_address(link))), "")
    text = text_of(data, "full_text", "text", "body") or text_in(element, "tweet-text")
    name = text_of(data, "name", "authorName") or text_in(element, "tweet-author-name")
    handle = text_of(data, "username", "authorHandle") or text_in(element, "tweet-author-handle")
    if handle:
        name = f"{name} (@{handle.lstrip('@')})".strip()
    url = url.partition("?")[0]
    if not text:
        return _player(element, report_loss)
    source = new("a", {"href": url}, text=name or url) if url else new("em", text=name)
    attribution = new("p", None, source, text="— ") if url or name else None
    replace(element, new("blockquote", None, *filter(_is_some, [new("p", text=text), attribution])))
    return True


def _is_some(element: HtmlElement | None) -> bool:
    return element is not None


def _post(element: HtmlElement, report_loss: ReportLoss) -> bool:
    """Replace the card of another text or publication by a link."""
    data = data_of(element)
    links = (link.get("href") or "" for link in element.iter("a"))
    urls = (text_of(data, "url", "canonical_url", "base_url"), *links)
    url = next((address for link in urls if (address := web_address(link))), "")
    if not url:
        return _remove("card of another text")(element, report_loss)
    title = text_of(data, "title", "name") or text_in(element, "embedded-post-title") or url
    link = new("a", {"href": url}, text=title)
    if publication := text_of(data, "publication_name") or text_in(element, "embedded-post-publication-name"):
        link.tail = f" ({publication})"
    paragraph = new("p")
    paragraph.append(link)
    replace(element, paragraph)
    return True


def _file(element: HtmlElement, report_loss: ReportLoss) -> bool:
    url = next((url for link in element.iter("a") if (url := web_address(link.get("href") or ""))), "")
    if not url:
        return _remove("file")(element, report_loss)
    title = text_in(element, "file-embed-details-h1") or unquote(urlsplit(url).path.rpartition("/")[2]) or url
    report_loss("media", url)
    replace(element, new("p", None, new("a", {"href": url}, text=title)))
    return True


def _video(element: HtmlElement, report_loss: ReportLoss) -> bool:
    """Report a video that was uploaded to Substack: the export has neither the file nor an address of it."""
    report_loss("media", f"video {text_of(data_of(element), 'mediaUploadId')}".strip())
    element.drop_tree()
    return True


def _audio(element: HtmlElement, report_loss: ReportLoss) -> bool:
    data = data_of(element)
    upload = text_of(data, "mediaUploadId")
    if not _ID.fullmatch(upload):
        return _remove("recording")(element, report_loss)
    url = f"https://api.substack.com/api/v1/audio/upload/{upload}/src"
    report_loss("media", url)
    replace(element, embed(url, text_of(data, "label")))
    return True


# --- Text -------------------------------------------------------------------------------------------------------------
def _box(class_name: str) -> Handler:
    def handle(element: HtmlElement, report_loss: ReportLoss) -> bool:
        element.tag = "aside"
        element.set("class", class_name)
        return False  # What is in it may be replaced too.

    return handle


def _formula(element: HtmlElement, report_loss: ReportLoss) -> bool:
    formula = text_of(data_of(element), "persistentExpression") or " ".join(element.text_content().split())
    replace(element, new("pre", None, new("code", text=formula)))
    return True


def _named(*names: str) -> Handler:
    """Replace what Substack writes for each request by the name it represents."""

    def handle(element: HtmlElement, report_loss: ReportLoss) -> bool:
        text = " ".join(element.text_content().split()) or text_of(data_of(element), *names)
        element.tail = f"{text}{element.tail or ''}"
        element.drop_tree()
        return True

    return handle


def _comment(element: HtmlElement, report_loss: ReportLoss) -> bool:
    """Replace the card of a comment by a quotation."""
    comment = data_of(element).get("comment")
    comment = comment if isinstance(comment, dict) else {}
    text = text_of(comment, "body")
    if not text:
        return _remove("card of a comment")(element, report_loss)
    name = text_of(comment, "name")
    lines = [new("p", text=text), *([new("p", text=f"— {name}")] if name else [])]
    replace(element, new("blockquote", None, *lines))
    return True


# --- Forms and buttons ------------------------------------------------------------------------------------------------
def _remove(name: str) -> Handler:
    def handle(element: HtmlElement, report_loss: ReportLoss) -> bool:
        report_loss("widget", name)
        element.drop_tree()
        return True

    return handle


def _button(element: HtmlElement, report_loss: ReportLoss) -> bool:
    """Replace a button by a link, or remove one that does something on Substack."""
    link = next(element.iter("a"), None)
    data = data_of(element)
    url = (link.get("href") if link is not None else "") or text_of(data, "url")
    text = " ".join(element.text_content().split()) or text_of(data, "text")
    if is_own_button(url):
        return _remove(f"button “{text[:80]}”")(element, report_loss)
    replace(element, new("p", None, new("a", {"href": url}, text=text or url)))
    return True


def is_own_button(url: str) -> bool:
    """Whether a button with this address subscribes, shares, comments or gives a present."""
    if not web_address(url):
        return True
    parts = urlsplit(url)
    query = parse_qs(parts.query)
    is_substack = (parts.hostname or "").endswith("substack.com") and "/survey/" in parts.path
    has_action = any(value in query.get(name, ()) for name, value in _OWN_PARAMETERS.items())
    return is_substack or has_action or parts.path.rstrip("/").endswith(_OWN_PATHS)


HANDLERS: dict[str, Handler] = {
    # Images. Names in angle brackets are those of elements.
    "captioned-image-container": _figure,
    "image-gallery-embed": _gallery,
    "image-link": _figure,
    "image3": _described_image,
    "<figure>": _figure,
    # Embeds.
    **dict.fromkeys(
        split_words(
            "youtube-wrap vimeo-wrap spotify-wrap soundcloud-wrap apple-podcast-container tiktok-wrap instagram "
            "datawrapper-wrap twitch-wrap prediction-market-wrap github-gist"
        ),
        _player,
    ),
    "<iframe>": _frame,
    "tweet": _tweet,
    "bluesky-wrap": _tweet,
    "embedded-post-wrap": _post,
    "digest-post-embed": _post,
    "embedded-publication-wrap": _post,
    "file-embed-wrapper": _file,
    "native-video-embed": _video,
    "native-audio-embed": _audio,
    # Text.
    "pullquote": _box("pullquote"),
    "callout-block": _box("callout"),
    "latex-rendered": _formula,
    "mention-wrap": _named("name"),
    "cashtag-wrap": _named("symbol"),
    "comment": _comment,
    # Forms and buttons.
    **dict.fromkeys(
        ("subscription-widget-wrap", "subscription-widget-wrap-editor", "subscription-widget", "subscribe-widget"),
        _remove("form to subscribe"),
    ),
    "captioned-button-wrap": _remove("button with a text"),
    "button-wrapper": _button,
    "poll-embed": _remove("poll"),
    "install-substack-app-embed": _remove("advertisement of the app"),
    "community-chat": _remove("chat"),
    "directMessage": _remove("button to write to the author"),
    "paywall": _remove("form to subscribe"),
}
