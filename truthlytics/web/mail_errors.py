"""Why an email was not accepted: what answers of mail servers and errors of providers' APIs mean for it."""

import smtplib
import sys
from email.utils import parsedate_to_datetime
from math import ceil
from typing import Any, cast

from django.utils import timezone

from truthlytics.web.text import word_set

# Errors of `requests`, urllib3 and Amazon's library without a connection.
UNSENT = word_set("NewConnectionError ConnectTimeoutError NameResolutionError ConnectTimeout EndpointConnectionError")


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


def provider_errors() -> tuple[type[Exception], ...]:
    """Return the base class of the errors of a provider's API, if it is used."""
    module = sys.modules.get("anymail.exceptions")
    return (module.AnymailError,) if module is not None else ()


def of_provider(error: Any) -> EmailError:
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


def _without_answer(error: Exception, text: str) -> EmailError:
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


def _retry_after(response: object) -> int | None:
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
