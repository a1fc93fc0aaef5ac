"""Receiving messages from readers."""

import logging

from django.conf import settings
from django.db import transaction

from truthlytics.contact.models import Message
from truthlytics.publication import get_publication
from truthlytics.publication.mail import send_email
from truthlytics.web.rate_limits import consume

logger = logging.getLogger(__name__)

# Emails about messages that the newsroom keeps, in an hour. Many strangers could fill its mailbox.
EMAILS_PER_HOUR = 200


@transaction.atomic
def receive(*, message: Message) -> None:
    """Keep `message` in the newsroom and email it to the contact address, if there is one.

    With an address for tips, tips are emailed there and not stored. Of all other messages, at most `EMAILS_PER_HOUR`
    are emailed.
    """
    publication = get_publication()
    is_tip = message.subject == Message.Subject.TIP
    address = publication.tips_email if is_tip else publication.contact_email
    is_kept = not (is_tip and address)
    if is_kept:
        message.save()
        if address and not consume("contact-emails", "", limit=EMAILS_PER_HOUR, seconds=3600):
            logger.warning("Message %s is not emailed: the contact address got too many in this hour.", message.pk)
            return
    if address:
        link = f"{settings.SITE_URL}/admin/truthlytics/message/{message.pk}/change/" if message.pk else ""
        send_email("message", to=address, context={"message": message, "link": link})
