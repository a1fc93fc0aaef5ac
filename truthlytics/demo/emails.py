"""Emails of the demo: printed on the terminal and listed at /demo/emails/."""

import json
from collections.abc import Sequence
from typing import Any

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_safe

from truthlytics.env import VAR_DIR

FOLDER = VAR_DIR / "emails"
EMAILS_SHOWN = 40


class DemoEmailBackend(BaseEmailBackend):
    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        FOLDER.mkdir(parents=True, exist_ok=True)
        for message in email_messages:
            now = timezone.now()
            email = {"at": now.isoformat(), "to": message.to, "subject": message.subject, "text": str(message.body)}
            path = FOLDER / f"{now:%Y%m%dT%H%M%S%f}.json"
            path.write_text(json.dumps(email), encoding="utf-8")
            print(f"\n--- Email to {', '.join(message.to)}: {message.subject}\n{message.body}\n---", flush=True)
        return len(email_messages)


def newest_emails() -> list[dict[str, Any]]:
    """Return the most recent emails, newest first."""
    paths = sorted(FOLDER.glob("*.json"), reverse=True)[:EMAILS_SHOWN] if FOLDER.is_dir() else []
    emails = [json.loads(path.read_text(encoding="utf-8")) for path in paths]
    return [email | {"at": parse_datetime(email["at"])} for email in emails]


@require_safe
def sent_emails(request: HttpRequest) -> HttpResponse:
    return render(request, "demo/emails.html", {"emails": newest_emails()})
