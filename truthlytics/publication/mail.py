"""Send emails: each has three templates, and a task sends it after the transaction is committed."""

import logging
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from datetime import timedelta
from email.headerregistry import BaseHeader, HeaderRegistry, UnstructuredHeader
from email.policy import Policy
from email.policy import default as default_policy
from functools import partial
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, make_msgid
from django.db import transaction
from django.tasks import task
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from truthlytics.publication import get_publication, sender
from truthlytics.publication.language import site_language
from truthlytics.web.mail_errors import EmailError, MailServerError, Undeliverable
from truthlytics.web.mail_server import MailConnection

logger = logging.getLogger(__name__)

# How long an email is retried and its text kept. Codes have the shorter time in which they can be used.
LIFETIME = timedelta(days=3)
# The path of a function, and the number with which the worker calls it for name, content and type, or None.
type Attachment = tuple[str, int]
# Emails are sent before other tasks, such as images of an import, and those that someone waits for before all others.
PRIORITY, URGENT = 50, 60
# Backends that send nothing.
NOT_SENT = ("console.EmailBackend", "dummy.EmailBackend")


class UnfoldedHeader(UnstructuredHeader, BaseHeader):
    """A header in one line of ASCII, however long.

    Python would fold a long address into encoded words (RFC 2047), which mail programs do not decode in such headers.
    """

    def fold(self, *, policy: Policy) -> str:
        return f"{self.name}: {self}{policy.linesep}"


HEADERS = HeaderRegistry()
HEADERS.map_to_type("List-Unsubscribe", UnfoldedHeader)


class Email(EmailMultiAlternatives):
    """`images` are PNG files by name, shown where the HTML refers to them, as in `<img src="cid:name">`.

    `key` is the same for every attempt to send this email, for providers that recognise a repeated request by it.
    """

    images: Mapping[str, bytes] = {}
    key = ""

    def message(self, *, policy: Any = default_policy) -> Any:
        message = super().message(policy=policy.clone(header_factory=HEADERS))
        for name, content in self.images.items():
            html: Any = message.get_body(("html",))
            html.add_related(content, "image", "png", cid=f"<{name}>", filename=f"{name}.png", disposition="inline")
        return message


def unsubscribe_headers(url: str) -> dict[str, str]:
    """Return headers by which mail programs unsubscribe with one POST to `url` (RFC 8058), for `send_email`.

    The URL needs no login and no CSRF token, and GET must not unsubscribe: some programs open links before readers do.
    """
    return {"List-Unsubscribe": f"<{url}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}


class RenderedEmail(NamedTuple):
    """The texts of an email, which may be sent to many."""

    subject: str
    text: str
    html: str

    def replace(self, old: str, new: str) -> "RenderedEmail":
        return RenderedEmail(*(part.replace(old, new) for part in self))


def render_email(name: str, context: Mapping[str, object], *, language: str = "") -> RenderedEmail:
    """Render `emails/<name>.{subject.txt,txt,html}` in `language`, or in the publication's."""
    full_context = {"site_url": settings.SITE_URL, "publication": get_publication(), **context}
    with site_language(language):
        subject = " ".join(render_to_string(f"emails/{name}.subject.txt", full_context).split())
        text = render_to_string(f"emails/{name}.txt", full_context)
        return RenderedEmail(subject, text, render_to_string(f"emails/{name}.html", full_context))


def send_email(
    name: str,
    *,
    to: str,
    context: Mapping[str, object],
    language: str = "",
    lifetime: timedelta = LIFETIME,
    priority: int = PRIORITY,
    headers: Mapping[str, str] | None = None,
    images: Mapping[str, bytes] | None = None,
    attachments: Sequence[Attachment] = (),
) -> str:
    """Render an email now (see `render_email`) and send it as `send_rendered` does. Returns the subject."""
    rendered = render_email(name, context, language=language)
    send_rendered(
        rendered, to=to, lifetime=lifetime, priority=priority, headers=headers, images=images, attachments=attachments
    )
    return rendered.subject


def send_rendered(
    rendered: RenderedEmail,
    *,
    to: str,
    lifetime: timedelta = LIFETIME,
    priority: int = PRIORITY,
    headers: Mapping[str, str] | None = None,
    images: Mapping[str, bytes] | None = None,
    attachments: Sequence[Attachment] = (),
) -> None:
    """Send an email once this transaction is committed, with these additional `headers` and `images` (see `Email`).

    The worker makes `attachments`. Nothing is sent if the transaction is rolled back. Delivery is retried for
    `lifetime`; `priority` is PRIORITY or URGENT.
    """
    expires = (timezone.now() + lifetime).isoformat()
    # Every attempt has the same id, by which mail servers recognise an email that they have already accepted.
    message_id = make_msgid(domain=urlsplit(settings.SITE_URL).hostname)
    transaction.on_commit(
        partial(
            deliver.using(priority=priority).enqueue,
            to=to,
            subject=rendered.subject,
            text=rendered.text,
            html=rendered.html,
            message_id=message_id,
            expires=expires,
            headers=dict(headers) if headers else None,
            images={image: b64encode(png).decode() for image, png in images.items()} if images else None,
            **({"attachments": list(attachments)} if attachments else {}),
        )
    )


@task(priority=PRIORITY)
def deliver(
    to: str,
    subject: str,
    text: str,
    html: str,
    message_id: str,
    expires: str,
    headers: dict[str, str] | None = None,
    images: dict[str, str] | None = None,
    attachments: Sequence[Attachment] = (),
) -> None:
    """Send an email. Any exception but Undeliverable means that it was not accepted and may be tried again.

    `images` are those of `Email`, in base64. `attachments` are made before each attempt. Logs each email that is not
    accepted, with the domain of its recipient.
    """
    headers = {"Message-ID": message_id, "Auto-Submitted": "auto-generated", **(headers or {})}
    contact = get_publication().contact_email
    # Emails ask readers to reply.
    reply_to = [contact] if contact and contact != to else None
    message = Email(subject, text, sender(), [to], headers=headers, reply_to=reply_to)
    message.attach_alternative(html, "text/html")
    message.images = {name: b64decode(content) for name, content in (images or {}).items()}
    for maker, pk in attachments:
        if (made := import_string(maker)(pk)) is not None:
            message.attach(*made)
    expiry = parse_datetime(expires)
    try:
        if expiry is None or timezone.now() >= expiry:
            raise Undeliverable(f"It expired at {expires}.")
        _send(message)
    except EmailError as error:
        user, at, domain = to.rpartition("@")
        logger.warning("Email to …@%s: %s", domain, " ".join(str(error).replace(f"{user}{at}", "…@").split()))
        raise


@site_language()
def send_test_email(to: str) -> str:
    """Send an email in the publication’s language at once. Returns the mail server's answer, "" if it gives none.

    Raises EmailError.
    """
    if settings.MAILERS["default"]["BACKEND"].endswith(NOT_SENT):
        raise MailServerError(_("no mail server is configured. Set SMTP_URL."))
    values = {"publication": get_publication().name}
    text = _("Email works: this is the test that you asked for in the newsroom of %(publication)s.") % values
    return _send(Email(_("Test email from %(publication)s") % values, text, sender(), [to]))


def _send(message: EmailMultiAlternatives) -> str:
    """Send `message`. Returns the mail server's answer, "" if it gives none. Raises EmailError."""
    with MailConnection() as server:
        return server.send(message)
