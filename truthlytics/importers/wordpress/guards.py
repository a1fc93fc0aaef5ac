"""Find signs that only some readers could see a text. Access rules in tables of plugins are not in an export."""

import re

from truthlytics.importers.wordpress.blocks import Reusable

# Parts of the names of shortcodes and blocks that plugins restrict access with. “premium/heading” is a usual block.
_GUARD = re.compile(
    r"(?<!team)(?<!team[_-])(?<!re)member|restrict|private|protect|paywall|paid|premium(?!/)|subscriber"
    r"|logged|access(?!ib)|s2if|mepr|rcp|wlm|pmpro",
    re.IGNORECASE,
)
# Shortcodes have content only if they are closed.
_CLOSING_SHORTCODE = re.compile(r"\[/([^\[\]<>&/\s]+)\s*\]")
_BLOCK = re.compile(r"<!--\s*wp:([a-z0-9/_-]+)")
# Of any block, as attributes of reusable blocks may be in any order.
_REFERENCE = re.compile(r'"ref"\s*:\s*"?(\d+)')
# Custom fields of articles with the values that mean “everyone”.
_FIELDS = {
    "_jetpack_newsletter_access": {"", "everybody"},
    "_members_access_role": {""},
    "rcp_access_level": {"", "0", "None"},
    "rcp_subscription_level": {"", "any"},
    "rcp_user_level": {"", "All"},
}


def find_guard(content: str, values: dict[str, list[str]], reusable: Reusable) -> str:
    """Return what restricts access to a text with this content and these custom fields; "" if nothing does."""
    for key, public in _FIELDS.items():
        if any(value.strip() not in public for value in values.get(key, ())):
            return f"field {key}"
    for text in _with_reusable(content, reusable):
        if shortcode := next((name for name in _CLOSING_SHORTCODE.findall(text) if _GUARD.search(name)), ""):
            return f"shortcode [{shortcode}]"
        if block := next((name for name in _BLOCK.findall(text) if _GUARD.search(name)), ""):
            return f"block “{block}”"
        if '"blockVisibility"' in text:
            return "setting blockVisibility of a block"
    return ""


def _with_reusable(content: str, reusable: Reusable) -> list[str]:
    """Return `content` and the contents of the reusable blocks in it, and in those."""
    texts, seen = [content], set()
    for text in texts:
        for number in _REFERENCE.findall(text):
            if number not in seen and (found := reusable(number)) is not None:
                texts.append(found)
            seen.add(number)
    return texts
