"""Bylines as text: "A, B and C"."""

from collections.abc import Mapping, Sequence

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

# The bylines in a version's head: `name` and `slug`, which is "" for authors without a page.
Bylines = Sequence[Mapping[str, str]]


def linked(bylines: Bylines) -> SafeString:
    """Link each author to their page."""
    return _join([
        format_html('<a href="{}">{}</a>', reverse("articles:author", args=[byline["slug"]]), _isolate(byline["name"]))
        if byline["slug"]
        else format_html("<b>{}</b>", _isolate(byline["name"]))
        for byline in bylines
    ])  # fmt: skip


def plain(bylines: Bylines) -> SafeString:
    """Return the names without links."""
    return _join([_isolate(byline["name"]) for byline in bylines])


def co_authors(bylines: Bylines, slug: str) -> SafeString:
    """Return "with A and B": the authors other than the one with `slug`, or "" if there are none."""
    others = [byline for byline in bylines if byline["slug"] != slug]
    return format_html(_("with {}"), plain(others)) if others else SafeString()


def _isolate(name: str) -> SafeString:
    """Isolate the text direction, so that a right-to-left name does not reorder its neighbours."""
    return format_html("<bdi>{}</bdi>", name)


def _join(names: list[SafeString]) -> SafeString:
    initial = format_html_join(", ", "{}", ((name,) for name in names[:-1]))
    return format_html(_("{} and {}"), initial, names[-1]) if initial else (names[0] if names else SafeString())
