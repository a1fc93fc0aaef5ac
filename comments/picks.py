"""Editors' picks: comments shown above the thread, and beside the text."""

import re
from html import unescape
from typing import NamedTuple

from django.template.loader import render_to_string
from django.utils.html import strip_tags
from django.utils.safestring import SafeString, mark_safe

from comments.initials import colour, initials
from comments.models import Comment
from comments.text import excerpt
from truthlytics.web.compiled_queries import CompiledObjectQuery
from truthlytics.web.fragments import add_tags

# Only the newest are shown. Older picks keep their badge in the thread.
MAX_PICKS = 3
EXCERPT_LENGTH = 220
_BLOCK_END = re.compile(r"</(?:p|blockquote)>|<br>")


class Picks(NamedTuple):
    above: SafeString = SafeString()
    beside: SafeString = SafeString()


def render_picks(article_id: int) -> Picks:
    """Render the visible picks of an article: those above the thread and those beside the text. One query."""
    found = _picked(article_id)
    add_tags(*(f"user:{comment.author_id}" for comment in found if comment.author_id))
    picks = [
        {
            "name": (name := comment.author.display_name if comment.author else ""),
            "initials": initials(name),
            "colour": colour(name),
            "html": mark_safe(comment.html),  # noqa: S308  sanitised by comments.text.render
            "excerpt": excerpt(unescape(strip_tags(_BLOCK_END.sub(" ", comment.html))), EXCERPT_LENGTH),
            "url": comment.get_absolute_url(),
            "is_beside": comment.picked_beside,
        }
        for comment in found
    ]
    beside = [pick for pick in picks if pick["is_beside"]]
    return Picks(
        render_to_string("comments/_picks.html", {"picks": picks}) if picks else SafeString(),
        render_to_string("comments/_picks_beside.html", {"picks": beside}) if beside else SafeString(),
    )


_picked: CompiledObjectQuery[Comment] = CompiledObjectQuery(
    lambda article: (
        Comment.objects.filter(article=article, picked_at__isnull=False, article__thread__is_off=False)
        .visible()
        .select_related("author")
        .only("html", "author__display_name", "picked_beside")
        .order_by("-picked_at", "-pk")[:MAX_PICKS]
    ),
    "article",
)
