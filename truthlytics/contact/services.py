"""Receiving messages from readers."""

from django.conf import settings
from django.db import transaction

from truthlytics.contact.models import Message
from truthlytics.publication import get_publication
from truthlytics.web.mail import send_email


@transaction.atomic
def receive(*, message: Message) -> None:
    """Keep `message` in the newsroom and email it to the contact address, if there is one.

    With an address for tips, tips are emailed there and not stored.
    """
    publication = get_publication()
    is_tip = message.subject == Message.Subject.TIP
    address = publication.tips_email if is_tip else publication.contact_email
    if not (is_tip and address):
        message.save()
    if address:
        link = f"{settings.SITE_URL}/admin/truthlytics/message/{message.pk}/change/" if message.pk else ""
        send_email("message", to=address, context={"message": message, "link": link})
