"""Convert Markdown to HTML: CommonMark with tables and footnotes. Footnote text moves to the references."""

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from django.utils.html import escape
from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.footnote import footnote_plugin

from articles.richtext.struck import MARK, STRUCK_TAGS
from truthlytics.contrib.importers.records import ReportLoss
from truthlytics.web.types import JsonObject

_NESTING = "div|figure|section|article|blockquote|table|center|details|aside|ul|ol"
_HEADING_ID = re.compile(r"\s*\{:?\s*#([\w.:-]+)[^{}]*\}\s*$")


def _footnote_ref(renderer: object, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
    return f'<sup data-footnote="{escape(env["notes"].get(tokens[idx].meta["id"], ""))}"></sup>'


_markdown = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).use(footnote_plugin)
_markdown.add_render_rule("footnote_ref", _footnote_ref)
_plain = MarkdownIt("commonmark", {"html": True}).enable("strikethrough")


def render(text: str, report_loss: ReportLoss) -> str:
    """Return `text` as unsanitised HTML. `<sup data-footnote="…">` contains the text of a footnote."""
    env: JsonObject = {"notes": {}}
    tokens = _extract_notes(_markdown.parse(text, env), env["notes"])
    for label, number in env.get("footnotes", {}).get("refs", {}).items():
        if number < 0:
            report_loss("note", f"[^{label.removeprefix(':')}]")
    for opening, inline in pairwise(tokens):
        if opening.type == "heading_open" and inline.children:
            last = inline.children[-1]
            if match := _HEADING_ID.search(last.content):
                last.content = last.content[: match.start()]
                opening.attrSet("id", match[1])
    _continue_html(tokens)
    return str(_markdown.renderer.render(tokens, _markdown.options, env))


_OPENING = re.compile(rf"<(?:{_NESTING})\b", re.IGNORECASE)
_CONTINUES = re.compile(r"</(?:p|li|td|div|blockquote)\s*>|<(?:p|li|span)\b[^>]*(?:>\s*<|>[^<]{20})", re.IGNORECASE)
_CLOSING = re.compile(rf"</(?:{_NESTING})\s*>", re.IGNORECASE)


def _continue_html(tokens: Sequence[Token]) -> None:
    """Treat indented lines inside raw HTML as HTML, as older Markdown parsers do, not as code."""
    depth = 0
    for token in tokens:
        # `</p>` and `</li>` are optional in HTML, so open ones count only if the next lines look like HTML.
        if token.type == "code_block" and (depth > 0 or _CONTINUES.match(token.content)):
            token.type = "html_block"
        if token.type == "html_block":
            depth = max(0, depth + len(_OPENING.findall(token.content)) - len(_CLOSING.findall(token.content)))


def render_line(text: str) -> str:
    """Return a line of Markdown as HTML without a block element."""
    return str(_plain.renderInline(text))


def plain_text(text: str) -> str:
    """Return Markdown as plain text on one line, without formatting and tags, with entities decoded once."""
    text = " ".join(text.split())
    return " ".join(_text_of(_plain.parseInline(text), keep_unknown=True).split())


def _extract_notes(tokens: list[Token], notes: dict[int, str]) -> list[Token]:
    """Return `tokens` without the footnote block, and add its texts to `notes`."""
    remaining: list[Token] = []
    in_block, current = False, 0
    for token in tokens:
        if token.type == "footnote_block_open":
            in_block = True
        elif token.type == "footnote_block_close":
            in_block = False
        elif not in_block:
            remaining.append(token)
        elif token.type == "footnote_open":
            current = token.meta["id"]
            notes[current] = ""
        else:
            notes[current] = f"{notes.get(current, '')} {_text_of([token])}".strip()
    return remaining


# Other names in angle brackets in a headline are kept: the headline is about them.
_KNOWN = re.compile(r"</?(?:em|i|b|strong|u|s|del|span|br|a|small|sup|sub|code|font|cite|q|abbr|wbr)\b[^>]*>", re.I)


_STRUCK = re.compile(rf"</?(?:{'|'.join(STRUCK_TAGS)})\b[^>]*>", re.IGNORECASE)


def _text_of(tokens: Sequence[Token], *, keep_unknown: bool = False) -> str:
    """Return the text of `tokens`. A link's URL follows its text in brackets unless the text contains it."""
    parts = []
    url = ""
    for token in tokens:
        if token.children:
            parts.append(_text_of(token.children, keep_unknown=keep_unknown))
        elif token.type == "link_open":
            url = str(token.attrGet("href") or "")
        elif token.type == "link_close":
            if url.startswith("http") and not keep_unknown and url.rstrip("/") not in "".join(parts):
                parts.append(f" ({url})")
        elif token.type in {"softbreak", "hardbreak"}:
            parts.append(" ")
        elif token.type in {"s_open", "s_close"} or (token.type == "html_inline" and _STRUCK.fullmatch(token.content)):
            parts.append(MARK)
        elif token.type == "html_inline":
            parts.append(token.content if keep_unknown and not _KNOWN.fullmatch(token.content) else "")
        elif token.type == "html_block":
            parts.append(re.sub(r"<[^>]*>", " ", token.content))
        elif token.type not in {"inline", "footnote_anchor"}:
            parts.append(token.content)
    return "".join(parts)
