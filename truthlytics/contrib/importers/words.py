"""Compare the words of a text in its source with those that are stored, so that none gets lost in silence."""

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from html import unescape

from truthlytics.contrib.importers import markdown
from truthlytics.contrib.importers.records import Record, ReportLoss
from truthlytics.contrib.importers.tags import MarkedText
from truthlytics.contrib.importers.wrappers import comments_in, hidden_texts

MAX_SHOWN = 10
_REMOVED = re.compile(
    r"<(script|style|svg|template|iframe|video|audio)\b(?:(?!</?\1\b).)*</\1\s*>", re.DOTALL | re.IGNORECASE
)
_INLINE_TAG = re.compile(
    r"</?(?:a|b|strong|i|em|u|s|span|font|sup|sub|code|small|big|mark|ins|del|abbr|q|cite|wbr)\b[^<>]*>", re.IGNORECASE
)
_TAG = re.compile(r"<[a-zA-Z/!][^<>]*>")
_SHORTCODE = re.compile(r"\[/?[a-zA-Z][\w-]*(?:\s[^\[\]]*)?/?\](?!\()")
# A value of several words in a shortcode.
_VALUE = re.compile(r"""([\w-]+)\s*=\s*(?:"([^"<>{}=;|]*)"|'([^'<>{}=;|]*)')""")
_UNSEEN = re.compile(r"class|css|style|font|admin|builder|align|anim|categor|order|^id$|_id$", re.IGNORECASE)
_URL = re.compile(r"(?:https?://|www\.)[^\s<>\"']+")
_SEEN = re.compile(r'\sdata-(?:footnote|title|by)="([^"]*)"')
_PLACEHOLDER = re.compile(r"<em>image not included[^<]*</em>")
_WORD = re.compile(r"\w+")


def report_words(record: Record, fields: Mapping[str, object], report_loss: ReportLoss) -> None:
    """Report the words of `record`, as it is in its source, that are not in `fields`, and those that are only there."""
    text, labels = _source_of(record)
    body = str(fields["body"])
    shown = _PLACEHOLDER.sub(" ", body)
    there = words_in(_URL.sub(" ", shown + " ".join(map(unescape, _SEEN.findall(body)))))
    mine = words_in(_URL.sub(" ", text))
    if lost := mine + words_in(labels) - there - words_in(body):
        report_loss("words", f"{lost.total()}: {_shown(lost)}")
    # Brackets without a value may be prose.
    prose = " ".join(tag for tag in _SHORTCODE.findall(record.body) if "=" not in tag)
    if added := words_in(_URL.sub(" ", shown)) - words_in(f"{text} {prose}"):
        report_loss("added", f"{added.total()}: {_shown(added)}")


def report_freed(record: Record, report_loss: ReportLoss) -> None:
    """Report what may have been for some readers only and is public here, because a person called its sign harmless."""
    if not record.is_public:
        return
    hidden = [f"hidden text ({how}): {text}" for how, text in hidden_texts(record.body)]
    for sign in record.signs:
        if sign.startswith("hidden text"):
            # With the words that readers see now.
            for text in (text for text in hidden if text.startswith(f"{sign}: ")):
                report_loss("freed", text)
        else:
            report_loss("freed", sign)


def _source_of(record: Record) -> tuple[str, str]:
    """Return the HTML of `record`, and texts in its attributes, which people may have read too."""
    html = record.body
    if record.body_format == "markdown":
        marked = MarkedText(html, has_tags=not record.is_plain)
        html = marked.plain(markdown.render(marked.text, lambda code, what: None))
        return html, " ".join(map(unescape, _SEEN.findall(html)))
    texts = [
        value
        for tag in _SHORTCODE.findall(html)
        for key, double, single in _VALUE.findall(tag)
        if " " in (value := double or single).strip() and not _UNSEEN.search(key)
    ]
    return _SHORTCODE.sub(" ", html), " ".join(texts)


def words_in(html: str) -> Counter[str]:
    """Count the words that people read in `html`."""
    parts, position = [], 0
    for start, end in comments_in(html):
        parts.append(html[position:start])
        position = end
    text = " ".join([*parts, html[position:]])
    text = _TAG.sub(" ", _INLINE_TAG.sub("", _REMOVED.sub(" ", text)))
    return Counter(_WORD.findall(_normal(unescape(text))))


def _normal(text: str) -> str:
    """Return `text` so that words written in another way are equal: small digits, ligatures, soft hyphens."""
    return re.sub("[\xad\u200b\u2060\ufeff]", "", unicodedata.normalize("NFKC", text)).casefold()


def _shown(words: Counter[str]) -> str:
    shown = ", ".join(list(words)[:MAX_SHOWN])
    return f"{shown} …" if len(words) > MAX_SHOWN else shown
