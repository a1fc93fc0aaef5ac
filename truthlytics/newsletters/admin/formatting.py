"""Formatting of the states of issues, and of addresses, for admin pages."""

from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from articles.access import Level
from truthlytics.newsletters.models import Issue

State = Issue.State
# Symbol and style of each state. Colour is never the only difference.
STYLES = {
    State.DRAFT: ("○", "draft"),
    State.WAITING: ("◔", "review"),
    State.SCHEDULED: ("◷", "scheduled"),
    State.PREPARING: ("◐", "changing"),
    State.SENDING: ("◐", "changing"),
    State.PAUSED: ("‖", "changing"),
    State.STOPPED: ("×", "withdrawn"),
    State.SENT: ("●", "published"),
    State.CANCELLED: ("×", "withdrawn"),
}


def badge(issue: Issue) -> str:
    symbol, style = STYLES[State(issue.state)]
    return format_html(
        '<span class="badge badge--{}"><span aria-hidden="true">{}</span> {}</span>',
        style,
        symbol,
        issue.get_state_display(),
    )


def variant_name(level: int, levels: list[int]) -> str:
    """Return who gets the variant of `level`, of all `levels` that an issue has."""
    if len(levels) == 1:
        return _("All readers")
    if level == levels[0]:
        return _("Readers with the free part")
    names = {
        Level.REGISTERED: gettext_lazy("Registered readers, the whole article"),
        Level.SUBSCRIBER: gettext_lazy("Subscribers, the whole article"),
        Level.SUPPORTER: gettext_lazy("Supporters, the whole article"),
    }
    return str(names.get(Level(level), level))


def readers_text(count: int) -> str:
    return ngettext("%(count)d reader", "%(count)d readers", count) % {"count": count}


def masked(email: str) -> str:
    """Return an address with only its first character and its domain."""
    user, _at, domain = email.rpartition("@")
    return f"{user[:1]}…@{domain}"


def duration_text(seconds: float) -> str:
    """Return about how long something takes."""
    minutes = round(seconds / 60)
    if minutes < 1:
        return _("less than a minute")
    if minutes < 120:
        return ngettext("about %(count)d minute", "about %(count)d minutes", minutes) % {"count": minutes}
    hours = round(minutes / 60)
    return ngettext("about %(count)d hour", "about %(count)d hours", hours) % {"count": hours}
