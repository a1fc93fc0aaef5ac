"""Which comments wait for a moderator before readers see them."""

from typing import Any

from comments.models import Comment

Hold = Comment.Hold


def hold_reason(*, author: Any, text: str, excluding: Comment | None = None) -> str:
    """Return why a comment by `author` with this text has to wait (a `Comment.Hold`), or "".

    `excluding` is the comment itself when it is edited: it does not count as an approved one of its writer.
    """
    if author.is_staff:
        return ""
    others = Comment.objects.visible().filter(author=author)
    is_known = (others.exclude(pk=excluding.pk) if excluding else others).exists()
    return "" if is_known else Hold.FIRST
