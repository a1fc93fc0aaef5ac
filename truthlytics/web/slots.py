"""Named places of the templates where plug-ins show something of their own (docs/extending.md)."""

import logging
from collections import defaultdict
from collections.abc import Callable

from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

logger = logging.getLogger(__name__)

Show = Callable[..., str]
# Each place, and what a function gets there beside the request. In parts that readers share, the request is None.
SLOTS: dict[str, str] = {
    "page_head": "",
    "article_head": "article",
    "page_top": "",
    "page_end": "",
    "front_end": "",
    "list_header": "kind, slug",
    "list_end": "",
    "article_top": "article",
    "article_end": "article",
    "below_article": "article",
    "comments_end": "article",
    "account_top": "user",
    "footer_links": "",
    "footer": "known",
    "sign_up_form": "",
    "account": "user",
    "emails": "user",
    "privacy_page": "",
    "dashboard": "user",
    "dashboard_work": "user",
    "editor_status": "item",
    "connections": "",
    "share": "article",
}
# Of what a function shows, in characters: pages are cached.
MAX_SHOWN = 500_000
# Those on pages that are compared with the record: what is shown there is marked as no part of it.
BESIDE_THE_RECORD = {
    "page_top",
    "page_end",
    "list_header",
    "article_top",
    "article_end",
    "below_article",
    "comments_end",
}
_shown: dict[str, list[Show]] = defaultdict(list)


def show_in(slot: str) -> Callable[[Show], Show]:
    """Show what the decorated function returns in `slot`. Text is escaped unless it is marked as safe.

    It is called with the request, and with the objects of the slot by their names. A slot that does not exist, as after
    an upgrade, shows nothing; `manage.py check` tells.
    """

    def decorate(show: Show) -> Show:
        _shown[slot].append(show)
        return show

    return decorate


def is_empty(slot: str) -> bool:
    """Return whether nothing asks for `slot`."""
    return not _shown.get(slot)


def shown_in(slot: str, request: HttpRequest | None, **context: object) -> SafeString:
    """Return what plug-ins show in `slot`. One that fails shows nothing, and is logged."""
    parts = []
    for show in _shown.get(slot, ()):
        try:
            parts.append(_text_of(show(request, **context)))
        except Exception:
            logger.exception("%s.%s failed in the slot “%s”.", show.__module__, show.__qualname__, slot)
    shown = "".join(parts)
    if slot in BESIDE_THE_RECORD and shown.strip():
        shown = f"<div data-outside-record>{shown}</div>"
    return mark_safe(shown)  # noqa: S308 - escaped above


def _text_of(found: object) -> str:
    """Return the text as HTML. Raises TypeError or ValueError if it is none that a page can have."""
    if not isinstance(found, str | Promise):
        raise TypeError(f"It returned {type(found).__name__}, and no text.")
    text: object = conditional_escape(found if isinstance(found, str) else str(found))
    if not isinstance(text, str):
        raise TypeError("Its __html__ returned no text.")
    if len(text) > MAX_SHOWN:
        raise ValueError(f"It returned more than {MAX_SHOWN} characters.")
    text.encode()  # Half a character can't be sent.
    return str.__str__(text)


def unknown_slots() -> list[tuple[str, str]]:
    """Return the names of slots that do not exist, each with the function that asked for it."""
    return [
        (slot, f"{show.__module__}.{show.__qualname__}")
        for slot, functions in sorted(_shown.items())
        if slot not in SLOTS
        for show in functions
    ]
