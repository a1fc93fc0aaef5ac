"""Check additional CSS: complete rules that load nothing but files of this site."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

import tinycss2
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from truthlytics.web.text import word_set

# Of tinycss2, which has no types.
type Node = Any

MOST_CHARACTERS = 20_000
AT_RULES = word_set("media supports container layer keyframes font-face property scope starting-style")
# They take addresses as strings, which are not recognised as addresses wherever they come from.
FORBIDDEN_FUNCTIONS = word_set("src image image-set -webkit-image-set")
PATH = re.compile(r"[\w-]+(\.[\w-]+)*(/[\w-]+(\.[\w-]+)*)*")
# Tabs and line ends are the only control characters of CSS.
CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
MOST_LEVELS = 20
INVALID = gettext_lazy("This is not valid CSS. Is a bracket, quotation mark or semicolon missing?")
# Added after the CSS. Only complete rules leave it at the top level.
END = "end-of-additional-css"


def clean_css(css: str) -> str:
    """Return `css` without spaces around it. ValidationError says in which line something is wrong, and what."""
    css = css.replace("\r\n", "\n").strip()
    if len(css) > MOST_CHARACTERS:
        raise ValidationError(_("The CSS is longer than %(most)s characters.") % {"most": MOST_CHARACTERS})
    if CONTROLS.search(css) or re.search("</|<!--|-->", css):
        raise ValidationError(_("Remove HTML and control characters from the CSS."))
    nodes = tinycss2.parse_stylesheet(f"{css}\n@{END};", skip_comments=True, skip_whitespace=True)
    rules = nodes[:-1]
    if not nodes or getattr(nodes[-1], "at_keyword", "") != END:
        raise ValidationError(_("A rule, bracket, comment or quotation mark is not closed, or is closed twice."))
    for token in _tokens(rules):
        _check_token(token)
    _check_rules(rules)
    return css


def _tokens(nodes: Iterable[Node], depth: int = 0) -> Iterator[Node]:
    """Yield all tokens of `nodes`, those in brackets too."""
    for node in nodes:
        if depth > MOST_LEVELS:
            _refuse(node, _("There are too many brackets in each other."))
        yield node
        for part in ("prelude", "content", "arguments"):
            yield from _tokens(getattr(node, part, None) or (), depth + 1)


def _check_rules(nodes: Iterable[Node]) -> None:
    """Refuse what browsers would skip, in nested rules too."""
    for node in nodes:
        if node.type == "error":
            _refuse(node, INVALID)
        if node.type in {"qualified-rule", "at-rule"}:
            _check_rules(tinycss2.parse_blocks_contents(node.content or [], skip_comments=True, skip_whitespace=True))


def _check_token(token: Node) -> None:
    if token.type == "error":
        _refuse(token, INVALID)
    if token.type in {"at-rule", "at-keyword"}:
        name = token.lower_at_keyword if token.type == "at-rule" else token.lower_value
        if name not in AT_RULES:
            _refuse(token, _("@%(name)s is not allowed.") % {"name": name[:40]})
    if token.type == "function" and token.lower_name in FORBIDDEN_FUNCTIONS:
        _refuse(token, _("%(name)s() is not allowed. Use url().") % {"name": token.lower_name})
    if token.type == "url":
        _check_address(token, token.value)
    if token.type == "function" and token.lower_name == "url":
        strings = [part for part in token.arguments if part.type not in {"whitespace", "comment"}]
        _check_address(token, strings[0].value if [part.type for part in strings] == ["string"] else "")


def _check_address(token: Node, address: str) -> None:
    for folder in (settings.MEDIA_URL, settings.STATIC_URL):
        if address.startswith(folder) and PATH.fullmatch(address.removeprefix(folder)):
            return
    facts = {"address": address[:100], "media": settings.MEDIA_URL, "static": settings.STATIC_URL}
    message = _("“%(address)s” is not a file of this site. Addresses begin with %(media)s or %(static)s.")
    _refuse(token, message % facts)


def _refuse(node: Node, message: str | Promise) -> None:
    raise ValidationError(_("Line %(line)s: %(message)s") % {"line": node.source_line, "message": message})
