"""What every room of the newsroom has in common."""

from typing import Any

from django.db import models
from django.http import Http404, HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html

from truthlytics.web.audited import AuditedAdmin

# A shape and a word each; colour is only the third sign.
STATES = {
    "draft": ("○", "Draft"),
    "scheduled": ("◷", "Scheduled"),
    "published": ("●", "Published"),
    "changing": ("◐", "Change waits"),
    "withdrawn": ("×", "Withdrawn"),
    # Of the work on it, as it stands beside what readers see.
    "review": ("◔", "In review"),
    "ready": ("◕", "Ready"),
}


def badge(state: str) -> str:
    """The state of an article as shape, word and colour."""
    shape, word = STATES[state]
    return format_html('<span class="badge badge--{}"><span aria-hidden="true">{}</span> {}</span>', state, shape, word)


def badge_of(article: Any, now: Any = None) -> str:
    """What readers have of an article and, where work on it is under way, how far that is."""
    state = article.state(now)
    work = badge(article.stage) if article.stage in {"review", "ready"} else ""
    if state == "draft":
        return work or badge(state)
    return format_html("{} {}", badge(state), work) if work else badge(state)


def moment(at: Any) -> str:
    """A day, a time and the zone it is meant in."""
    local = timezone.localtime(at)
    return f"{date_format(local, 'l j F Y, H:i')} {local.tzname()}"


def when(at: Any) -> str:
    return date_format(timezone.localtime(at), "j M Y, H:i")


def plain(field: Any) -> Any:
    """The form field without the icons that open a second window."""
    if field is not None and hasattr(field.widget, "widget"):
        field.widget = field.widget.widget
    return field


class Room(AuditedAdmin):
    """No bulk actions; and what is not there, or not for this person, is 404 rather than a walk to the index."""

    actions: Any = None
    show_full_result_count = False
    list_per_page = 50

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        found = super().get_object(request, object_id, from_field)
        if found is None:
            raise Http404(f"There is no such {self.opts.verbose_name}.")
        return found

    def formfield_for_dbfield(self, db_field: models.Field, request: HttpRequest, **kwargs: Any) -> Any:
        return plain(super().formfield_for_dbfield(db_field, request, **kwargs))
