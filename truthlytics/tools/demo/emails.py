"""Emails of the demo: printed on the terminal and listed at /demo/emails/."""

import json
from base64 import b64encode
from collections.abc import Sequence

from django.conf import settings
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.csp import CSP
from django.utils.dateparse import parse_datetime
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.csp import csp_override
from django.views.decorators.http import require_safe

from truthlytics.env import VAR_DIR
from truthlytics.publication.mail import Email

FOLDER = VAR_DIR / "emails"
EMAILS_SHOWN = 40
FRAMES = {**settings.SECURE_CSP, "frame-src": [CSP.SELF]}
# As in mail programs: no script, nothing from elsewhere, and no access to the site even if one ran. Links open outside
# the frame.
EMAIL_CSP: dict[str, list[CSP] | list[str]] = {
    "default-src": [CSP.NONE],
    "style-src": [CSP.UNSAFE_INLINE],
    "img-src": [*settings.SECURE_CSP["img-src"], "data:"],
    "frame-ancestors": [CSP.SELF],
    "base-uri": [CSP.NONE],
    "form-action": [CSP.NONE],
    "sandbox": ["allow-popups", "allow-popups-to-escape-sandbox"],
}


class DemoEmailBackend(BaseEmailBackend):
    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        FOLDER.mkdir(parents=True, exist_ok=True)
        for message in email_messages:
            now = timezone.now()
            email = {
                "at": now.isoformat(),
                "to": message.to,
                "subject": message.subject,
                "text": str(message.body),
                "html": html_of(message),
            }
            path = FOLDER / f"{now:%Y%m%dT%H%M%S%f}.json"
            path.write_text(json.dumps(email), encoding="utf-8")
            print(f"\n--- Email to {', '.join(message.to)}: {message.subject}\n{message.body}\n---", flush=True)
        return len(email_messages)


def newest_emails() -> list[dict[str, object]]:
    """Return the most recent emails, newest first."""
    paths = sorted(FOLDER.glob("*.json"), reverse=True)[:EMAILS_SHOWN] if FOLDER.is_dir() else []
    emails = [json.loads(path.read_text(encoding="utf-8")) for path in paths]
    return [
        {"html": "", **email, "at": parse_datetime(email["at"]), "name": path.stem}
        for path, email in zip(paths, emails, strict=True)
    ]


def html_of(message: EmailMessage) -> str:
    """Return the HTML version of a message with its images inside, "" if it has none."""
    alternatives = message.alternatives if isinstance(message, EmailMultiAlternatives) else []
    html = next((str(text) for text, kind in alternatives if kind == "text/html"), "")
    for name, png in (message.images if isinstance(message, Email) else {}).items():
        html = html.replace(f"cid:{name}", f"data:image/png;base64,{b64encode(png).decode()}")
    return html


@require_safe
@csp_override(FRAMES)
def sent_emails(request: HttpRequest) -> HttpResponse:
    return render(request, "demo/emails.html", {"emails": newest_emails()})


@require_safe
@csp_override(EMAIL_CSP)
@xframe_options_sameorigin
def email_html(request: HttpRequest, name: str) -> HttpResponse:
    """Serve the HTML version of an email for the frame in the list. It may only use the styles that it contains."""
    path = FOLDER / f"{name}.json"
    html = json.loads(path.read_text(encoding="utf-8")).get("html", "") if path.is_file() else ""
    if not html:
        raise Http404("There is no such email.")
    return HttpResponse(html.replace("<head>", '<head><base target="_blank">', 1))
