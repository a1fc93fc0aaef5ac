"""The demo's post: letters are printed on the terminal and kept to be read at /demo/letters/."""

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

FOLDER = VAR_DIR / "letters"
SHOWN = 40


class LetterBox(BaseEmailBackend):
    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        FOLDER.mkdir(parents=True, exist_ok=True)
        for message in email_messages:
            now = timezone.now()
            letter = {"at": now.isoformat(), "to": message.to, "subject": message.subject, "text": str(message.body)}
            path = FOLDER / f"{now:%Y%m%dT%H%M%S%f}.json"
            path.write_text(json.dumps(letter), encoding="utf-8")
            print(f"\n--- Letter to {', '.join(message.to)}: {message.subject}\n{message.body}\n---", flush=True)
        return len(email_messages)


def letters() -> list[dict[str, Any]]:
    """The newest letters first."""
    found = sorted(FOLDER.glob("*.json"), reverse=True)[:SHOWN] if FOLDER.is_dir() else []
    kept = [json.loads(path.read_text(encoding="utf-8")) for path in found]
    return [letter | {"at": parse_datetime(letter["at"])} for letter in kept]


@require_safe
def letters_page(request: HttpRequest) -> HttpResponse:
    return render(request, "demo/letters.html", {"letters": letters()})
