"""The line on the account page about corrected articles that the reader knows."""

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone

from subscriptions.models import User
from truthlytics.contrib.correction_notices.services import SHOWN_FOR, entries_for
from truthlytics.web.slots import show_in


@show_in("account_top")
def corrected(request: HttpRequest, user: User) -> str:
    """Say how many articles that `user` saved, gave or commented on were corrected or withdrawn in the last month."""
    now = timezone.now()
    count = len({entry.article_id for entry in entries_for(user, now)})
    return render_to_string("account/_correction_notices.html", {"count": count, "since": now - SHOWN_FOR})
