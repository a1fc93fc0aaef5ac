"""Log each email about orders and subscriptions before it is queued, so that none is sent twice."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Model
from django.utils import timezone
from django.utils.translation import gettext as _

from subscriptions.models import Receipt, SentEmail, User
from truthlytics.publication.language import site_language
from truthlytics.publication.mail import send_email

# A second click within this time does not send another copy.
BETWEEN_COPIES = timedelta(minutes=1)
PDF = "subscriptions.invoices.pdf.attachment"


class CannotResend(Exception):
    """The email can't be sent again; the text is for the newsroom."""


class Content(NamedTuple):
    """The newsroom lists the email under `reader`; `to` is the address if it is not theirs.

    `images` are PNG files by the names under which the HTML refers to them, as in `<img src="cid:name">`. `documents`
    are attached as PDF.
    """

    reader: User
    context: Mapping[str, object]
    to: str = ""
    images: Mapping[str, bytes] = {}
    documents: Sequence[Receipt | None] = ()


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of email: its template's name, the model that it is about, and the field that identifies a row of it.

    `details` are the dates or numbers for which it is sent again, and `holds` tells whether what it says is still true.
    """

    name: str
    model: type[Model]
    content: Callable[[Any], Content]
    field: str
    details: Callable[[Any], tuple[object, ...]]
    holds: Callable[[Any], bool]


KINDS: dict[str, Kind] = {}


def kind(
    name: str,
    model: type[Model],
    *,
    field: str = "uuid",
    details: Callable[[Any], tuple[object, ...]] = lambda about: (),
    holds: Callable[[Any], bool] = lambda about: True,
) -> Callable[[Callable[[Any], Content]], Callable[[Any], Content]]:
    """Register the decorated function as the content of the emails of this kind."""

    def register(content: Callable[[Any], Content]) -> Callable[[Any], Content]:
        KINDS[name] = Kind(name, model, content, field, details, holds)
        return content

    return register


def key_of(name: str, about: Model, *details: object) -> str:
    """Return what identifies the email `name` about a row, among those that may be sent several times."""
    this_kind = KINDS[name]
    with site_language():  # Days are those of the publication's time zone.
        parts = (getattr(about, this_kind.field), *this_kind.details(about), *details)
    return ":".join(str(part) for part in parts)


@transaction.atomic
def send_once(name: str, about: Model, *details: object, **context: object) -> bool:
    """Send the email `name` about a row, once for these `details`. Returns whether this call has sent it."""
    return _send(KINDS[name], about, key_of(name, about, *details), context)


@transaction.atomic
def resend(sent: SentEmail) -> SentEmail:
    """Send an email again, with what is true now. Returns the row of the copy. Raises CannotResend."""
    sent = SentEmail.objects.select_for_update().get(pk=sent.pk)
    original = sent.key.partition("#")[0]
    this_kind = KINDS.get(sent.kind)
    about = None
    if this_kind is not None:
        about = this_kind.model._default_manager.filter(**{this_kind.field: original.partition(":")[0]}).first()
    if this_kind is None or about is None or not this_kind.holds(about):
        raise CannotResend(_("This email is out of date and can’t be sent again."))
    copies = SentEmail.objects.filter(kind=sent.kind, key__startswith=f"{original}#")
    if copies.filter(sent_at__gt=timezone.now() - BETWEEN_COPIES).exists():
        raise CannotResend(_("This email was sent again a moment ago."))
    key = f"{original}#{copies.count() + 2}"
    if not _send(this_kind, about, key, {}):
        raise CannotResend(_("The account is deleted, or there is no address."))
    return SentEmail.objects.get(kind=sent.kind, key=key)


def _send(this_kind: Kind, about: Model, key: str, more: dict[str, object]) -> bool:
    with site_language():
        content = this_kind.content(about)
    to = content.to or (content.reader.email if content.reader.deleted_at is None else "")
    if not to:
        return False
    values = {"user": content.reader, "sent_at": timezone.now()}
    sent, created = SentEmail.objects.get_or_create(kind=this_kind.name, key=key, defaults=values)
    if created:
        context = {"reader": content.reader, **content.context, **more}
        attachments = [(PDF, document.pk) for document in content.documents if document is not None]
        subject = send_email(this_kind.name, to=to, context=context, images=content.images, attachments=attachments)
        sent.subject = subject[:200]
        sent.save(update_fields=["subject"])
    return created
