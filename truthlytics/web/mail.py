"""Send emails: each has three templates, and a task sends it after the transaction is committed."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.tasks import task
from django.template.loader import render_to_string

from truthlytics.publication import get_publication, sender


def send_email(name: str, *, to: str, context: Mapping[str, Any]) -> None:
    """Render `emails/<name>.{subject.txt,txt,html}` now and send it once this transaction is committed.

    Nothing is sent if the transaction is rolled back.
    """
    full_context = {"site_url": settings.SITE_URL, "publication": get_publication(), **context}
    subject = " ".join(render_to_string(f"emails/{name}.subject.txt", full_context).split())
    text = render_to_string(f"emails/{name}.txt", full_context)
    html = render_to_string(f"emails/{name}.html", full_context)
    transaction.on_commit(partial(deliver.enqueue, to=to, subject=subject, text=text, html=html))


@task()
def deliver(to: str, subject: str, text: str, html: str) -> None:
    message = EmailMultiAlternatives(subject, text, sender(), [to])
    message.attach_alternative(html, "text/html")
    message.send()
