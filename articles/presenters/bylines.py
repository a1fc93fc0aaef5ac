"""Who wrote it, in words: “A, B and C”."""

from collections.abc import Mapping, Sequence

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

# A person of a version's head: `name` and `slug`, which is "" for somebody without a page.
People = Sequence[Mapping[str, str]]


def linked(people: People) -> SafeString:
    """Each with a link to their page."""
    return _series([
        format_html('<a href="{}">{}</a>', reverse("articles:author", args=[one["slug"]]), _isolated(one["name"]))
        if one["slug"]
        else format_html("<b>{}</b>", _isolated(one["name"]))
        for one in people
    ])  # fmt: skip


def plain(people: People) -> SafeString:
    """Without links."""
    return _series([_isolated(one["name"]) for one in people])


def beside(people: People, slug: str) -> SafeString:
    """“with A and B”: who else wrote it, beside whoever is at `slug`; "" where nobody did."""
    others = [one for one in people if one["slug"] != slug]
    return format_html("with {}", plain(others)) if others else SafeString()


def _isolated(name: str) -> SafeString:
    """A name that runs from right to left must not pull its neighbours along."""
    return format_html("<bdi>{}</bdi>", name)


def _series(made: list[SafeString]) -> SafeString:
    first = format_html_join(", ", "{}", ((one,) for one in made[:-1]))
    return format_html("{} and {}", first, made[-1]) if first else (made[0] if made else SafeString())
