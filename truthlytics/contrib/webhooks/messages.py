"""What is sent to an endpoint: the bytes and headers of a request, by the specification of Standard Webhooks.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import base64
import hashlib
import hmac
import json
from datetime import datetime
from typing import NamedTuple

from django.conf import settings
from django.contrib.auth import get_user_model

from truthlytics.events.models import SECRET_PREFIX, Delivery, Endpoint, Event
from truthlytics.publication.language import site_language
from truthlytics.web.canonical_json import format_time


class Message(NamedTuple):
    body: bytes
    headers: dict[str, str]


def message_for(delivery: Delivery, now: datetime) -> Message:
    endpoint, event = delivery.endpoint, delivery.event
    if endpoint.format == Endpoint.Format.CHAT:
        return Message(_json({"text": chat_text(event)}), {})
    body = _json(payload(delivery))
    stamp = str(int(now.timestamp()))
    signed = b".".join((event.message_id.encode(), stamp.encode(), body))
    headers = {
        "webhook-id": event.message_id,
        "webhook-timestamp": stamp,
        "webhook-signature": " ".join(sign(signed, secret) for secret in endpoint.secrets_at(now)),
    }
    return Message(body, headers)


def sign(content: bytes, secret: str) -> str:
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    return f"v1,{base64.b64encode(hmac.digest(key, content, hashlib.sha256)).decode()}"


def payload(delivery: Delivery) -> dict[str, object]:
    """Return what a program gets: the type, the time, and where the rest can be read."""
    event = delivery.event
    data = {name: value for name, value in event.data.items() if name != "path"}
    if url := url_of(event):
        data["url"] = url
    if delivery.endpoint.with_emails and (reader := event.data.get("reader")):
        email = get_user_model()._default_manager.filter(pk=reader).values_list("email", flat=True).first()
        if email:
            data["email"] = email
    return {
        "type": event.kind,
        "timestamp": format_time(event.due_at),
        "sequence": delivery.number,
        "data": data,
    }


def chat_text(event: Event) -> str:
    """Return one line for people, in the language of the publication."""
    with site_language():
        return f"{event.label}: {url_of(event) or settings.SITE_URL}"


def url_of(event: Event) -> str:
    path = event.data.get("path")
    return f"{settings.SITE_URL}{path}" if path else ""


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
