"""A link for somebody outside: made, and remarks that come by it."""

import uuid
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from articles.models import Article, Remark, ShareLink
from articles.models.share_links import LONGEST_NAME
from articles.richtext.anchors import Anchor
from articles.services.remarks import add_remark

MOST_OPEN = 50
MOST_REMARKS = 200


class Full(Exception):
    """There are as many as there may be; the words say what to do."""


@transaction.atomic
def share(*, article: Article, by: Any, days: int, name: str = "") -> ShareLink:
    """A new link to the draft of `article` that works for `days` days. Raises Full beyond `MOST_OPEN` open ones."""
    Article.objects.select_for_update().get(pk=article.pk)
    if ShareLink.objects.active().filter(article=article).count() >= MOST_OPEN:
        raise Full(f"There are {MOST_OPEN} links to this draft already. Take one back first.")
    return ShareLink.objects.create(
        article=article, created_by=by, created_by_name=str(by.display_name or by)[:LONGEST_NAME], name=name,
        expires_at=timezone.now() + timedelta(days=days),
    )  # fmt: skip


@transaction.atomic
def add_external_remark(*, link: ShareLink, name: str, text: str, anchor: Anchor, key: uuid.UUID) -> Remark:
    """What somebody without an account says of the draft. Raises Full where the link has brought too many."""
    locked = ShareLink.objects.select_for_update().get(pk=link.pk)
    if locked.remarks.exclude(key=key).count() >= MOST_REMARKS:
        raise Full("So many remarks came by this link that it takes no more. Write to whoever sent it to you.")
    return add_remark(article=link.article, by=None, name=name, text=text, anchor=anchor, key=key, link=link)
