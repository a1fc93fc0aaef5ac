"""Markdown to HTML: CommonMark with tables and footnotes, whose notes go where our vocabulary has them."""

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from django.utils.html import escape
from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.footnote import footnote_plugin

from truthlytics.importers.records import Lost

_NESTING = "div|figure|section|article|blockquote|table|center|details|aside|ul|ol"
_HEADING_ID = re.compile(r"\s*\{:?\s*#([\w.:-]+)[^{}]*\}\s*$")


def _footnote_ref(renderer: Any, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
    return f'<sup data-footnote="{escape(env["notes"].get(tokens[idx].meta["id"], ""))}"></sup>'


_markdown = MarkdownIt("commonmark", {"html": True}).enable("table").use(footnote_plugin)
_markdown.add_render_rule("footnote_ref", _footnote_ref)
_plain = MarkdownIt("commonmark", {"html": True})


def render(text: str, lost: Lost) -> str:
    """`text` as HTML that is not safe yet. Raw HTML goes through; `<sup data-footnote="…">` holds a note's text."""
    env: dict[str, Any] = {"notes": {}}
    tokens = _take_notes(_markdown.parse(text, env), env["notes"])
    for label, number in env.get("footnotes", {}).get("refs", {}).items():
        if number < 0:
            lost("note", f"[^{label.removeprefix(':')}]")
    for opening, inside in pairwise(tokens):
        if opening.type == "heading_open" and inside.children:
            last = inside.children[-1]
            if match := _HEADING_ID.search(last.content):
                last.content = last.content[: match.start()]
                opening.attrSet("id", match[1])
    _open_html(tokens)
    return str(_markdown.renderer.render(tokens, _markdown.options, env))


_OPENING = re.compile(rf"<(?:{_NESTING})\b", re.IGNORECASE)
_GOES_ON = re.compile(r"</(?:p|li|td|div|blockquote)\s*>|<(?:p|li|span)\b[^>]*(?:>\s*<|>[^<]{20})", re.IGNORECASE)
_CLOSING = re.compile(rf"</(?:{_NESTING})\s*>", re.IGNORECASE)


def _open_html(tokens: Sequence[Token]) -> None:
    """Indented lines after an empty one inside raw HTML are more of that HTML, not code, as older readers have it."""
    depth = 0
    for token in tokens:
        # `</p>` and `</li>` may be left out: what stays open of those says little unless HTML goes on.
        if token.type == "code_block" and (depth > 0 or _GOES_ON.match(token.content)):
            token.type = "html_block"
        if token.type == "html_block":
            depth = max(0, depth + len(_OPENING.findall(token.content)) - len(_CLOSING.findall(token.content)))


def render_line(text: str) -> str:
    """One line of Markdown as HTML without a block around it."""
    return str(_plain.renderInline(text))


def words_of(text: str) -> str:
    """A headline or a standfirst in plain words: marks and tags gone, entities decoded once, on one line."""
    text = " ".join(text.split())
    return " ".join(_text_of(_plain.parseInline(text), keep_unknown=True).split())


def _take_notes(tokens: list[Token], notes: dict[int, str]) -> list[Token]:
    """`tokens` without the block of notes, whose texts go into `notes`."""
    kept: list[Token] = []
    inside, current = False, 0
    for token in tokens:
        if token.type == "footnote_block_open":
            inside = True
        elif token.type == "footnote_block_close":
            inside = False
        elif not inside:
            kept.append(token)
        elif token.type == "footnote_open":
            current = token.meta["id"]
            notes[current] = ""
        else:
            notes[current] = f"{notes.get(current, '')} {_text_of([token])}".strip()
    return kept


# An unknown name between angle brackets in a headline is what the headline is about.
_KNOWN = re.compile(r"</?(?:em|i|b|strong|u|s|del|span|br|a|small|sup|sub|code|font|cite|q|abbr|wbr)\b[^>]*>", re.I)


def _text_of(tokens: Sequence[Token], *, keep_unknown: bool = False) -> str:
    """The words of `tokens`; a link's address follows its words where it says more than they do."""
    words = []
    address = ""
    for token in tokens:
        if token.children:
            words.append(_text_of(token.children, keep_unknown=keep_unknown))
        elif token.type == "link_open":
            address = str(token.attrGet("href") or "")
        elif token.type == "link_close":
            said = "".join(words)
            if address.startswith("http") and not keep_unknown and address.rstrip("/") not in said:
                words.append(f" ({address})")
        elif token.type in {"softbreak", "hardbreak"}:
            words.append(" ")
        elif token.type == "html_inline":
            words.append(token.content if keep_unknown and not _KNOWN.fullmatch(token.content) else "")
        elif token.type == "html_block":
            words.append(re.sub(r"<[^>]*>", " ", token.content))
        elif token.type not in {"inline", "footnote_anchor"}:
            words.append(token.content)
    return "".join(words)
