"""The HTML of cards, in elements that the editor here supports.

Arguments with `html` in their names are HTML, all others are text.
"""

import re
from html import escape
from urllib.parse import urlsplit

from truthlytics.contrib.importers.players import embed_url

GATE = '<hr data-gate="">'
_SIZE = re.compile(r"(/(?:content/)?images/)size/[^/]+/(?:format/[^/]+/)?")


def without_size(url: str) -> str:
    """Return the address of the original image."""
    return _SIZE.sub(r"\1", url)


def figure(source: str, alt: str, caption_html: str = "", href: str = "") -> str:
    if not source:
        return f"<p>{caption_html}</p>" if caption_html else ""
    image = f'<img src="{escape(without_size(source))}" alt="{escape(alt)}">'
    if href:
        image = f'<a href="{escape(href)}">{image}</a>'
    caption = f"<figcaption>{caption_html}</figcaption>" if caption_html.strip() else ""
    return f"<figure>{image}{caption}</figure>"


def gallery(images: list[tuple[str, str]], caption_html: str = "") -> str:
    """Return a gallery. Its caption belongs to none of its images, so it becomes a paragraph."""
    if len(images) < 2:
        return "".join(figure(source, alt, caption_html) for source, alt in images)
    figures = "".join(figure(source, alt) for source, alt in images)
    return f'<div data-gallery="">{figures}</div>{paragraph(caption_html)}'


def paragraph(html: str) -> str:
    return f"<p>{html}</p>" if html.strip() else ""


def link(url: str, text: str) -> str:
    label = escape(text or url)
    return f'<a href="{escape(url)}">{label}</a>' if url else label


def button(url: str, text: str) -> str:
    return paragraph(link(url, text)) if text else ""


def box(html: str) -> str:
    return f'<aside class="callout">{html}</aside>' if html.strip() else ""


def callout(emoji: str, html: str) -> str:
    """Return a box. The emoji comes first in its first paragraph."""
    mark = f"{escape(emoji)} " if emoji.strip() else ""
    if re.match(r"\s*<p\b[^>]*>", html):
        return box(re.sub(r"(<p\b[^>]*>)", lambda match: match[1] + mark, html, count=1))
    if re.match(r"\s*<(?:ul|ol|div|h\d|blockquote)\b", html):
        return box(paragraph(mark) + html)
    return box(paragraph(mark + html))


def bookmark(url: str, title: str, description: str, names: list[str], caption_html: str = "") -> str:
    """Return a box with a link, unlike an embed also for pages of this site. `names` are of its author and site."""
    credit = " · ".join(filter(None, names))
    parts = [paragraph(link(url, title)), paragraph(escape(description)), paragraph(escape(credit))]
    return box("".join(parts)) + paragraph(caption_html)


def toggle(heading_html: str, html: str) -> str:
    return (f"<p><strong>{heading_html}</strong></p>" if heading_html.strip() else "") + html


def player(kind: str, source: str, title: str, caption_html: str = "") -> str:
    """Return a sound or a video."""
    element = f'<{kind} src="{escape(source)}" title="{escape(title)}"></{kind}>' if source else ""
    return f"<div>{element}</div>{paragraph(caption_html)}"


def file(url: str, title: str, caption: str, name: str, size: str) -> str:
    details = ", ".join(filter(None, [name if name != title else "", size]))
    return box(paragraph(link(url, title or name)) + paragraph(escape(caption)) + paragraph(escape(details)))


def product(source: str, title_html: str, rating: int, html: str, button_html: str) -> str:
    stars = "★" * rating + "☆" * (5 - rating) if 0 < rating <= 5 else ""
    heading = f"<p><strong>{title_html}</strong></p>" if title_html.strip() else ""
    return figure(source, "") + box(heading + paragraph(stars) + html + button_html)


def header(source: str, heading_html: str, text_html: str, button_html: str) -> str:
    heading = f"<h2>{heading_html}</h2>" if heading_html.strip() else ""
    return figure(source, "") + heading + paragraph(text_html) + button_html


def embed(url: str, title: str, html: str, caption_html: str = "") -> str:
    """Return an embed of `url`. The HTML of the other site is kept if it is a quotation, such as of a post."""
    if "<blockquote" in html:
        return html + paragraph(caption_html)
    address = embed_url(url) if is_web(url) or url.startswith("//") else None
    if address is None:
        return html + paragraph(caption_html)
    return f'<div data-embed="{escape(address)}" data-title="{escape(title)}"></div>{paragraph(caption_html)}'


def is_web(url: str) -> bool:
    try:
        return urlsplit(url).scheme in {"http", "https"}
    except ValueError:
        return False
