"""Formatting of states, times and users for admin pages."""

from datetime import datetime

from django.utils import timezone
from django.utils.formats import time_format
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from articles.models import Article
from truthlytics.web.dates import local_date, recent_date
from truthlytics.web.users import User

# Symbol and label of each state. Colour is never the only difference.
STATES = {
    "draft": ("○", gettext_lazy("Draft")),
    "scheduled": ("◷", gettext_lazy("Scheduled")),
    "published": ("●", gettext_lazy("Published")),
    "changing": ("◐", gettext_lazy("Update scheduled")),
    "withdrawn": ("×", gettext_lazy("Withdrawn")),
    # Workflow stages, shown next to the state that readers see.
    "review": ("◔", gettext_lazy("In review")),
    "ready": ("◕", gettext_lazy("Ready")),
}


def badge(state: str) -> str:
    """Render a state as a badge with its symbol, label and colour."""
    symbol, label = STATES[state]
    return format_html(
        '<span class="badge badge--{}"><span aria-hidden="true">{}</span> {}</span>', state, symbol, label
    )


def badges(article: Article, now: datetime | None = None) -> str:
    """Render what readers see of an article and, while it is in the workflow, its stage."""
    state = article.state(now)
    stage = badge(article.stage) if article.stage in {"review", "ready"} else ""
    if state == "draft":
        return stage or badge(state)
    return format_html("{} {}", badge(state), stage) if stage else badge(state)


def long_datetime(at: datetime | None) -> str:
    """Format with weekday, date, time and time zone."""
    return local_date(at or timezone.now(), gettext_noop("l j F Y, H:i T"))


def short_datetime(at: datetime) -> str:
    return local_date(at, "j M Y, H:i")


def time_or_date(at: datetime) -> str:
    """Format as a time, with the date unless it is today."""
    local = timezone.localtime(at)
    today = local.date() == timezone.localdate()
    return time_format(local, "H:i") if today else recent_date(local, "j M, H:i")


def display_name(user: User | None) -> str:
    return str(getattr(user, "display_name", "") or user or _("Unknown user"))
