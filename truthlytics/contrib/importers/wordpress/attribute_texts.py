"""Texts in the attributes of shortcodes and blocks: titles of tabs and boxes, labels of buttons, quotations."""

import re
from base64 import b64decode
from binascii import Error
from collections.abc import Iterable, Iterator, Mapping
from html import escape, unescape
from urllib.parse import unquote

from truthlytics.web.text import split_words, word_set

_TITLES = word_set(
    "title heading headline header tab_title title_text main_heading section_title box_title accordion_title "
    "toggle_title question name_title front_title back_title heading_text h1 h2 h3 h4"
)
_LABELS = word_set("button_text btn_text link_text cta_text buttontext linktext button_label readmore_text more_text")
_TEXTS = word_set(
    "text content description desc subtitle sub_title subheading sub_heading subhead caption quote author cite "
    "citation label body message intro answer tooltip summary excerpt job company position testimonial footer "
    "before after"
)
_ADDRESSES = word_set("url link href button_url button_link link_url btn_link btn_url")
# Attributes with words that are not shown.
_UNSEEN = re.compile(
    r"class|css|style|(?:^|_)id$|font|anim|colou?r|icon|align|width|height|size|layout|image|img|src|background|bg_|anchor"
    r"|target|effect|order|categor|taxonom|format|builder|module|admin|hover|margin|padding|border|shadow|gradient|weight"
    r"|^rel$|^role$|slug|key$|transition|template|preset|skin|theme|shape|responsive|^_",
    re.IGNORECASE,
)
# Shortcodes with titles for editors only.
_FOR_EDITORS = tuple(
    split_words(
        "contact-form contact_form gravityform ninja_form wpforms formidable mc4wp fluentform forminator caldera_form "
        "rev_slider layerslider product recent_products smartslider woocommerce_ ngg wysija mailpoet"
    )
)
_WORDS = re.compile(r"[^\W\d_]{2,}")
_CODE = re.compile(
    r"[{}<>=;|]|://|^[\w.-]+@|^#|^(?:true|false|yes|no|on|off|none|default|auto|center|left|right|top)$", re.IGNORECASE
)
_RAW = re.compile(r"\[vc_raw_(html|js)\b[^\[\]]*\]([A-Za-z0-9+/=\s]{1,2000000}?)\[/vc_raw_\1\]", re.IGNORECASE)


def html_of(name: str, attributes: Iterable[tuple[str, str]]) -> str:
    """Return the texts in the attributes of the shortcode or block `name` as headings, paragraphs and links; or ""."""
    if name.startswith(_FOR_EDITORS):
        return ""
    values = {key.lower(): _plain(value) for key, value in attributes}
    link_title, address = _link(values)
    is_button = "button" in name or "btn" in name or "cta" in name
    parts = []
    for key, text in values.items():
        is_label = key in _LABELS or (is_button and key in {"text", "title", "label", "content"})
        if key in _ADDRESSES or (not _WORDS.search(text) and not (key in _TITLES and re.search(r"\w", text))):
            continue
        if is_label and not _CODE.search(text):
            parts.append(
                f'<p><a href="{escape(address)}">{escape(text)}</a></p>' if address else f"<p>{escape(text)}</p>"
            )
        elif key in _TITLES and not _CODE.search(text):
            parts.append(f"<h3>{escape(text)}</h3>")
        elif (key in _TEXTS and not _CODE.search(text)) or _is_prose(key, text):
            parts.append(f"<p>{escape(text)}</p>")
    if link_title and link_title not in values.values():
        parts.append(f'<p><a href="{escape(address)}">{escape(link_title)}</a></p>')
    return f"\n\n{'\n\n'.join(parts)}\n\n" if parts else ""


def _plain(value: str) -> str:
    """Return a value as people see it. Divi writes quotation marks and brackets as percent codes."""
    for code, sign in (("%22", '"'), ("%91", "["), ("%93", "]"), ("``", '"')):
        value = value.replace(code, sign)
    text = unescape(value)
    return " ".join((re.sub(r"<[a-zA-Z/][^<>]*>", " ", text) if "<" in text else text).split())


def _link(values: Mapping[str, str]) -> tuple[str, str]:
    """Return the title and address of the link in `values`; WPBakery has both in one, `url:…|title:…`."""
    for key in values:
        if key not in _ADDRESSES or not values[key]:
            continue
        if values[key].startswith("url:"):
            parts = dict(part.split(":", 1) for part in values[key].split("|") if ":" in part)
            return unquote(parts.get("title", "")).strip(), unquote(parts.get("url", "")).strip()
        return "", values[key] if values[key].startswith(("http:", "https:", "/", "mailto:")) else ""
    return "", ""


def _is_prose(key: str, text: str) -> bool:
    return len(_WORDS.findall(text)) > 1 and " " in text and not _CODE.search(text) and not _UNSEEN.search(key)


def texts_in(value: object, name: str = "", depth: int = 0) -> Iterator[tuple[str, str]]:
    """Yield the (name, text) pairs in nested attributes of a block."""
    if depth > 20:
        return
    if isinstance(value, Mapping):
        for key, below in value.items():
            yield from texts_in(below, str(key), depth + 1)
    elif isinstance(value, list):
        for below in value:
            yield from texts_in(below, name, depth + 1)
    elif isinstance(value, str) and not name.startswith("_"):
        yield name, value


def decoded(text: str) -> str:
    """Return `text` with the HTML that WPBakery stores in Base64; its scripts are left out."""
    return _RAW.sub(_decoded, text) if "[vc_raw_" in text else text


def _decoded(match: re.Match[str]) -> str:
    if match[1].lower() == "js":
        return ""
    try:
        return unquote(b64decode("".join(match[2].split()), validate=True).decode())
    except (Error, ValueError):
        return match[0]
