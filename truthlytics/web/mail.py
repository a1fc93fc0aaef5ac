"""Send emails: each has three templates, and a task sends it after the transaction is committed."""

import logging
import smtplib
import sys
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from email.headerregistry import BaseHeader, HeaderRegistry, UnstructuredHeader
from email.policy import Policy
from email.policy import default as default_policy
from email.utils import parsedate_to_datetime
from functools import partial
from math import ceil
from typing import Any, cast
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, mailers, make_msgid
from django.db import transaction
from django.tasks import task
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from truthlytics.publication import get_publication, sender
from truthlytics.publication.language import site_language

logger = logging.getLogger(__name__)

# How long an email is retried and its text kept. Codes have the shorter time in which they can be used.
LIFETIME = timedelta(days=3)
# The path of a function, and the number with which the worker calls it for name, content and type, or None.
type Attachment = tuple[str, int]
# Emails are sent before other tasks, such as images of an import, and those that someone waits for before all others.
PRIORITY, URGENT = 50, 60
# The code with which a mail server closes the connection.
CLOSING = 421
# Errors of `requests`, urllib3 and Amazon's library without a connection.
UNSENT = {
    "NewConnectionError", "ConnectTimeoutError", "NameResolutionError", "ConnectTimeout", "EndpointConnectionError",
}  # fmt: skip
# Backends that send nothing.
NOT_SENT = ("console.EmailBackend", "dummy.EmailBackend")


class EmailError(Exception):
    """An email was not accepted. The message has the server's answer."""


class MailServerError(EmailError):
    """The mail server does not answer, or accepts no email from this site. Affects every email.

    `retry_after` is how many seconds the server asks to wait; None if it does not say.
    """

    retry_after: int | None = None


class TemporarilyRefused(EmailError):
    """The server does not accept this email now, or the connection was lost.

    `is_closed` is whether the connection was closed or lost, so that other emails had better wait too.
    """

    is_closed = False


class ConnectionLost(TemporarilyRefused):
    """The connection was lost after the email was submitted, so the server may have accepted it or not."""

    is_closed = True


class Undeliverable(EmailError):
    """This email will never be accepted, so it is not retried."""


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


def send_email(
    name: str,
    *,
    to: str,
    context: Mapping[str, object],
    lifetime: timedelta = LIFETIME,
    priority: int = PRIORITY,
    headers: Mapping[str, str] | None = None,
    images: Mapping[str, bytes] | None = None,
    attachments: Sequence[Attachment] = (),
) -> str:
    """Render `emails/<name>.{subject.txt,txt,html}` now and send it once this transaction is committed.

    It is in the publication's language, with these additional `headers` and `images` (see `Email`). The worker makes
    `attachments`. Nothing is sent if the transaction is rolled back. Delivery is retried for `lifetime`; `priority` is
    PRIORITY or URGENT. Returns the subject.
    """
    full_context = {"site_url": settings.SITE_URL, "publication": get_publication(), **context}
    with site_language():
        subject = " ".join(render_to_string(f"emails/{name}.subject.txt", full_context).split())
        text = render_to_string(f"emails/{name}.txt", full_context)
        html = render_to_string(f"emails/{name}.html", full_context)
    expires = (timezone.now() + lifetime).isoformat()
    # Every attempt has the same id, by which mail servers recognise an email that they have already accepted.
    message_id = make_msgid(domain=urlsplit(settings.SITE_URL).hostname)
    transaction.on_commit(
        partial(
            deliver.using(priority=priority).enqueue,
            to=to,
            subject=subject,
            text=text,
            html=html,
            message_id=message_id,
            expires=expires,
            headers=dict(headers) if headers else None,
            images={image: b64encode(png).decode() for image, png in images.items()} if images else None,
            **({"attachments": list(attachments)} if attachments else {}),
        )
    )
    return subject


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


class MailConnection:
    """A connection to the mail server for one email or many, opened when the first one is sent."""

    def __init__(self, alias: str = "default") -> None:
        """`alias` is an entry of MAILERS; if there is none, the default one is used."""
        self.server = mailers[alias if alias in settings.MAILERS else "default"]
        self.answers: list[str] = []
        self.is_open = False
        # Whether the text of the email was submitted; None if that is not known.
        self.is_submitted: bool | None = None

    def __enter__(self) -> "MailConnection":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection. Emails have been accepted or refused: an error now must not send them again."""
        self.is_open = False
        with suppress(OSError):
            self.server.close()

    def send(self, message: EmailMultiAlternatives) -> str:
        """Send `message`. Returns the mail server's answer, "" if it gives none. Raises EmailError."""
        was_open = self.is_open
        try:
            return self._send(message)
        except (MailServerError, TemporarilyRefused):
            # Servers close a connection that was idle or had enough emails, before they take the next email.
            if not was_open or self.is_open or self.is_submitted is not False:
                raise
        return self._send(message)

    def _send(self, message: EmailMultiAlternatives) -> str:
        self._open()
        self.answers.clear()
        self._set_key(getattr(message, "key", ""), message)
        try:
            self.server.send_messages([message])
        except smtplib.SMTPSenderRefused as error:
            self.close()
            raise MailServerError(f"The sender is refused: {answer(error)}") from error
        except smtplib.SMTPRecipientsRefused as error:
            codes = [code for code, _text in error.recipients.values()]
            refused = Undeliverable if min(codes) >= 500 else TemporarilyRefused
            raise self._closing(refused(f"The address is refused: {answer(error)}"), CLOSING in codes) from error
        except smtplib.SMTPDataError as error:
            refused = Undeliverable if error.smtp_code >= 500 else TemporarilyRefused
            closing = error.smtp_code == CLOSING
            raise self._closing(refused(f"The email is refused: {answer(error)}"), closing) from error
        except provider_errors() as error:
            raise _of_provider(error) from error
        except OSError as error:
            lost = ConnectionLost if self.is_submitted and not has_answer(error) else TemporarilyRefused
            raise self._closing(lost(answer(error)), True) from error
        except ValueError as error:
            raise Undeliverable(f"The address or a header is invalid: {error}") from error
        return " ".join(self.answers)

    def _closing(self, error: EmailError, is_closed: bool) -> EmailError:
        """Return `error`; if the server has closed the connection, close our end."""
        if is_closed:
            self.close()
            if isinstance(error, TemporarilyRefused):
                error.is_closed = True
        return error

    def _set_key(self, key: str, message: EmailMultiAlternatives) -> None:
        """Give providers the key by which they recognise an email that they have already accepted."""
        provider = getattr(self.server, "esp_name", "")
        if provider == "Resend":
            # https://resend.com/docs/dashboard/emails/idempotency-keys: for 24 hours.
            cast("Any", self.server).session.headers["Idempotency-Key"] = key or None
        elif provider == "Brevo" and key:
            # https://developers.brevo.com/docs/heterogenous-versions-batch-emails: for 15 to 30 minutes.
            message.extra_headers["idempotencyKey"] = key

    def _open(self) -> None:
        """Open the connection unless it is. Raises MailServerError."""
        if self.is_open:
            if self.is_submitted is not None:
                self.is_submitted = False
            return
        try:
            self.server.open()
        except OSError as error:
            raise MailServerError(answer(error)) from error
        self.is_open, self.is_submitted = True, None
        if isinstance(connection := getattr(self.server, "connection", None), smtplib.SMTP):
            self._record_answers(connection)

    def _record_answers(self, connection: smtplib.SMTP) -> None:
        """Keep the answer to each accepted email, which `smtplib` would drop, and whether its text was submitted."""
        self.is_submitted = False
        send_data = connection.data

        def data(msg: Any) -> tuple[int, bytes]:
            self.is_submitted = True
            code, text = send_data(msg)
            self.answers.append(f"{code} {text.decode(errors='replace')}")
            return code, text

        connection.data = data  # type: ignore[method-assign]


def provider_errors() -> tuple[type[Exception], ...]:
    """Return the base class of the errors of a provider's API, if it is used."""
    module = sys.modules.get("anymail.exceptions")
    return (module.AnymailError,) if module is not None else ()


def _of_provider(error: Any) -> EmailError:
    """Return what an error of a provider's API means for the email."""
    status, text = _status(error), " ".join(str(error).split())[:500]
    if status is None:
        return _without_answer(error, text)
    if status in {401, 403, 408, 425, 429, 503}:
        refused = MailServerError(text)
        refused.retry_after = _retry_after(error.response)
        return refused
    if status >= 500 or (status < 300 and not _is_refusal(error.response)):
        # A server between us and the provider may answer so although the provider has accepted the email.
        return ConnectionLost(text)
    return Undeliverable(text)


def _without_answer(error: Any, text: str) -> EmailError:
    name = type(error).__name__
    if name in {"AnymailRecipientsRefused", "AnymailInvalidAddress"}:
        return Undeliverable(text)
    if name in {"AnymailUnsupportedFeature", "AnymailSerializationError"} or _is_unsent(error):
        return MailServerError(text)
    return ConnectionLost(text)


def _status(error: Any) -> int | None:
    """Return the HTTP status of a provider's answer, None if there was none. Amazon's library has it elsewhere."""
    if error.status_code is None and isinstance(details := getattr(error.__cause__, "response", None), dict):
        return cast("int | None", details.get("ResponseMetadata", {}).get("HTTPStatusCode"))
    return cast("int | None", error.status_code)


def _is_refusal(response: Any) -> bool:
    """Return whether a provider says in an answer with the status 200 that it does not accept the email, as Postal."""
    try:
        return str(response.json()["status"]).endswith("error")
    except (AttributeError, KeyError, TypeError, ValueError):
        return False


def _retry_after(response: Any) -> int | None:
    """Return how many seconds a provider asks to wait, in a number or as a date."""
    value = str(response.headers.get("Retry-After", "")).strip() if hasattr(response, "headers") else ""
    if value.isdecimal():
        return int(value)
    try:
        return max(0, ceil((parsedate_to_datetime(value) - timezone.now()).total_seconds()))
    except (TypeError, ValueError):
        return None


def _is_unsent(error: BaseException | None) -> bool:
    """Return whether there was no connection, so that nothing was sent."""
    while error is not None:
        names = {type(cause).__name__ for cause in (error, getattr((error.args or (None,))[0], "reason", None))}
        if names & UNSENT:
            return True
        error = error.__cause__
    return False


def has_answer(error: OSError) -> bool:
    """Return whether the mail server has answered, so that it is known whether it accepted the email."""
    return isinstance(error, smtplib.SMTPResponseException | smtplib.SMTPRecipientsRefused)


def answer(error: OSError) -> str:
    """Return what the mail server answered, as in "550 no such user"; without an answer the error."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return "; ".join(f"{code} {text.decode(errors='replace')}" for code, text in error.recipients.values())
    if isinstance(error, smtplib.SMTPResponseException):
        text = error.smtp_error
        return f"{error.smtp_code} {text.decode(errors='replace') if isinstance(text, bytes) else text}"
    return f"{type(error).__name__}: {error}"
