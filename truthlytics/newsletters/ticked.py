"""Newsletters that were ticked while registering or buying. Visitors get them once their address is confirmed."""

from django.http import HttpRequest
from django.utils import timezone

from truthlytics.newsletters.models import Newsletter, SignUp
from truthlytics.newsletters.services import sign_up as services
from truthlytics.newsletters.views.readers import confirmed_reader
from truthlytics.web.ids import parse_id

SESSION_KEY = "ticked_newsletters"


def remember(request: HttpRequest, *, source: str) -> None:
    """Keep what was ticked in a form in the session. `source` is one of SignUp.Source."""
    ids = [pk for value in request.POST.getlist("newsletters") if (pk := parse_id(value)) is not None]
    found = list(Newsletter.objects.offered().filter(pk__in=ids).values_list("pk", flat=True)) if ids else []
    if found:
        request.session[SESSION_KEY] = {"ids": found, "source": source, "asked_at": timezone.now().timestamp()}


def sign_up(request: HttpRequest) -> None:
    """Sign up for what was remembered, if the reader is logged in and has confirmed their address."""
    wanted = request.session.get(SESSION_KEY)
    reader = confirmed_reader(request) if wanted else None
    if wanted and reader is not None:
        del request.session[SESSION_KEY]
        asked = services.Request(reader.email, tuple(wanted["ids"]), wanted["source"], wanted["asked_at"])
        services.sign_up(asked, timezone.now())


def has_chosen(request: HttpRequest, newsletter: Newsletter) -> bool:
    """Return whether a visitor has ticked `newsletter` before, or a reader gets it."""
    if newsletter.pk in request.session.get(SESSION_KEY, {}).get("ids", []):
        return True
    reader = confirmed_reader(request)
    return reader is not None and SignUp.objects.active().filter(newsletter=newsletter, address__user=reader).exists()
