"""Share links to drafts, and remarks by their readers."""

import uuid
from datetime import timedelta

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from articles.models import Article, Remark, ShareLink
from articles.models.share_links import MAX_NAME_LENGTH
from articles.richtext.anchors import Anchor
from articles.services.remarks import add_remark
from truthlytics.web.users import User

MAX_ACTIVE_LINKS = 50
MAX_REMARKS_PER_LINK = 200


class LimitReachedError(Exception):
    """The maximum number is reached. The message says what to do."""


@transaction.atomic
def share(*, article: Article, by: User, days: int, name: str = "") -> ShareLink:
    """Create a link to the draft of `article` that works for `days` days, or until it is published.

    Raises LimitReachedError.
    """
    now = timezone.now()
    Article.objects.select_for_update().get(pk=article.pk)
    if ShareLink.objects.active().filter(article=article).count() >= MAX_ACTIVE_LINKS:
        raise LimitReachedError(
            _("There are already %(limit)d links to this draft. Revoke one first.") % {"limit": MAX_ACTIVE_LINKS}
        )
    newest = article.versions.was_public(now).aggregate(number=Max("number"))["number"]
    return ShareLink.objects.create(
        article=article,
        created_by=by,
        created_by_name=str(by.display_name or by)[:MAX_NAME_LENGTH],
        name=name,
        expires_at=now + timedelta(days=days),
        newest_public=newest or 0,
    )


@transaction.atomic
def add_external_remark(*, link: ShareLink, name: str, text: str, anchor: Anchor, key: uuid.UUID) -> Remark:
    """Add a remark by a reader of the share link. Raises LimitReachedError."""
    locked = ShareLink.objects.select_for_update().get(pk=link.pk)
    if locked.remarks.exclude(key=key).count() >= MAX_REMARKS_PER_LINK:
        raise LimitReachedError(_("This link accepts no more remarks. Contact the person who sent it to you."))
    return add_remark(article=link.article, by=None, name=name, text=text, anchor=anchor, key=key, link=link)
