"""A connection to the mail server or the API of a provider."""

import smtplib
from contextlib import suppress
from typing import Any, cast

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, mailers

from truthlytics.web.mail_errors import (
    ConnectionLost,
    EmailError,
    MailServerError,
    TemporarilyRefused,
    Undeliverable,
    answer,
    has_answer,
    of_provider,
    provider_errors,
)

# The code with which a mail server closes the connection.
CLOSING = 421


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
            raise of_provider(error) from error
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
