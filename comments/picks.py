"""Editors' picks: comments shown above the thread, and beside the text."""

import re
from html import unescape
from typing import NamedTuple

from django.utils.html import strip_tags

from comments.initials import colour, initials
from comments.models import Comment
from comments.text import excerpt
from truthlytics.web.fragments import add_tags

# Only the newest are shown. Older picks keep their badge in the thread.
MAX_PICKS = 3
EXCERPT_LENGTH = 220
_BLOCK_END = re.compile(r"</(?:p|blockquote)>|<br>")


class Pick(NamedTuple):
    """A picked comment. `html` is its text, `excerpt` the beginning of it; `name` is "" for a former reader."""

    name: str
    initials: str
    colour: int
    html: str
    excerpt: str
    url: str
    is_beside: bool


def load_picks(article_id: int) -> tuple[Pick, ...]:
    """Return the visible picks of an article, the latest first. One query, or two if there are some."""
    picked = Comment.objects.filter(article=article_id, picked_at__isnull=False)
    # Few articles have picks, and this costs less than the query for them.
    if not picked.exists():
        return ()
    visible = picked.visible().filter(article__thread__is_off=False)
    found = visible.select_related("author").order_by("-picked_at", "-pk")[:MAX_PICKS]
    add_tags(*(f"user:{comment.author_id}" for comment in found if comment.author_id))
    return tuple(_pick(comment) for comment in found)


def _pick(comment: Comment) -> Pick:
    name = comment.writer_name
    text = unescape(strip_tags(_BLOCK_END.sub(" ", comment.html)))
    return Pick(
        name=name,
        initials=initials(name),
        colour=colour(name),
        html=comment.html,
        excerpt=excerpt(text, EXCERPT_LENGTH),
        url=comment.get_absolute_url(),
        is_beside=comment.picked_beside,
    )
