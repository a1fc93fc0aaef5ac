"""The email with their personal link to readers who paid in another account. An editor writes it; each gets it once."""

import re
import time
from collections.abc import Mapping

from django.conf import settings
from django.db import transaction
from django.tasks import task
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from subscriptions.models import SentEmail, User
from subscriptions.money import Money
from subscriptions.periods import Interval, per_interval
from subscriptions.services.moving import LINK_EMAIL
from truthlytics.contrib.importers.contracts.inviting import Invitation, recipients
from truthlytics.contrib.importers.contracts.models import LinkEmail
from truthlytics.publication import get_publication
from truthlytics.publication.language import site_language
from truthlytics.publication.mail import RenderedEmail, render_email, send_rendered
from truthlytics.web.dates import local_date
from truthlytics.web.queues import SLOW

# What an editor can write in brackets, in both parts. The link is for the text only.
PLACEHOLDERS: dict[str, str | Promise] = {
    "name": gettext_lazy("the reader’s name"),
    "link": gettext_lazy("their personal link"),
    "price": gettext_lazy("what they pay, such as “€5.00 a month”"),
    "date": gettext_lazy("the day until which they have paid"),
}
_BRACKETS = re.compile(r"\[(\w+)\]")
# In seconds. Then the next task continues, so that no task takes long.
TURN = 20.0


def unknown_placeholders(text: str) -> list[str]:
    """Return what is in brackets and has no value."""
    return [name for name in dict.fromkeys(_BRACKETS.findall(text)) if name not in PLACEHOLDERS]


@site_language()
def draft() -> LinkEmail:
    """Return the stored email, or one to begin with, which is not stored."""
    text = _(
        "Dear [name],\n\nwe have moved. Until now, you pay for your subscription in our old system. What you have paid "
        "until [date] stays yours, and you can read everything here until then.\n\nTo continue at your old price of "
        "[price], use this link, which is only for you:\n\n[link]\n\nNothing is charged here before [date]. If your "
        "subscription renews by itself in the old system, cancel it there, so that you do not pay twice."
    )
    subject = _("Continue at your old price at %(site)s") % {"site": get_publication().name}
    return LinkEmail.objects.first() or LinkEmail(subject=subject[:150], text=text)


@site_language()
def sample(user: User) -> Mapping[str, str]:
    """Return values for a preview, and for a test to `user`. The link does not work."""
    price = f"{Money(500, 'EUR')} {per_interval(Interval.MONTH, 1)}"
    day = local_date(timezone.now(), "j F Y")
    return {"name": user.display_name, "link": f"{settings.SITE_URL}/continue/…", "price": price, "date": day}


def rendered(email: LinkEmail, values: Mapping[str, str]) -> RenderedEmail:
    """Return `email` with the values of a reader. What looks like a placeholder in them stays as it is."""

    def fill(text: str) -> str:
        return _BRACKETS.sub(lambda found: values.get(found[1], found[0]), text)

    return render_email(LINK_EMAIL, {"subject": fill(email.subject), "text": fill(email.text)})


def start(*, email: LinkEmail) -> None:
    """Have a worker send `email` to all recipients. Safe to repeat."""
    LinkEmail.objects.filter(pk=email.pk).update(sending_since=timezone.now())
    transaction.on_commit(send_all.enqueue)


@task(queue_name=SLOW)
@site_language()
def send_all() -> None:
    """Send the email for some seconds, and queue the next turn. Safe to run twice, concurrently or late."""
    email, until = LinkEmail.objects.exclude(sending_since=None).first(), time.monotonic() + TURN
    if email is None:
        return
    for invitation in recipients():
        if time.monotonic() > until:
            send_all.enqueue()
            return
        _send(email, invitation.user)
    LinkEmail.objects.filter(pk=email.pk, sending_since=email.sending_since).update(sending_since=None)


@transaction.atomic
def _send(email: LinkEmail, user: User) -> None:
    """Send it to `user`, if they are still a recipient, and once: the row of `SentEmail` is unique."""
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    for invitation in recipients(user):
        found = rendered(email, _values(invitation))
        values = {"user": user, "subject": found.subject[:200], "sent_at": timezone.now()}
        _row, is_new = SentEmail.objects.get_or_create(kind=LINK_EMAIL, key=str(user.pk), defaults=values)
        if is_new:
            send_rendered(found, to=invitation.user.email)


def _values(invitation: Invitation) -> Mapping[str, str]:
    return {
        "name": invitation.user.display_name,
        "link": invitation.link,
        "price": f"{invitation.offer.amount} {invitation.offer.price.per}",
        "date": local_date(invitation.paid_until, "j F Y"),
    }
