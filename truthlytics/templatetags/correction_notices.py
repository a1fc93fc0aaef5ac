"""The line on the account page about corrected articles that the reader knows."""

from django import template
from django.utils import timezone

from subscriptions.models import User
from truthlytics.correction_notices.services import SHOWN_FOR, entries_for

register = template.Library()


@register.inclusion_tag("account/_correction_notices.html")
def correction_notices(user: User) -> dict[str, object]:
    """Say how many articles that `user` saved, gave or commented on were corrected or withdrawn in the last month."""
    now = timezone.now()
    return {"count": len({entry.article_id for entry in entries_for(user, now)}), "since": now - SHOWN_FOR}
