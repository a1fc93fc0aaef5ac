"""Events, and their signed delivery in any order, any number of times, or never."""

import copy
import json
import re
from collections.abc import Callable
from typing import Any

import stripe

from tests.fakestripe.store import Object, Store

SECRET = "whsec_fake"

# Posts a body with headers and returns the HTTP status.
Post = Callable[[bytes, dict[str, str]], int]


class Webhooks(Store):
    """`events` keeps all events; `outbox` those that were not delivered yet."""

    def __init__(self, now: int | None = None) -> None:
        super().__init__(now)
        self.events: list[Object] = []
        self.outbox: list[Object] = []

    def emit(self, type: str, obj: Object, previous: Object | None = None) -> Object:
        data = {"object": self.expanded(obj, []), **({"previous_attributes": previous} if previous else {})}
        event = {
            "id": self.new_id("evt"),
            "object": "event",
            "api_version": stripe.api_version,
            "created": self.now,
            "livemode": self.livemode,
            "pending_webhooks": 1,
            "type": type,
            "request": {"id": None, "idempotency_key": None},
            "data": data,
        }
        self.events.append(event)
        self.outbox.append(event)
        return event

    def deliver(
        self,
        post: Post,
        *,
        order: Callable[[list[Object]], list[Object]] | None = None,
        copies: int = 1,
        only: str | None = None,
        limit: int | None = None,
    ) -> list[Object]:
        """Post the waiting events, signed. What isn't answered with 2xx stays in the outbox, as Stripe retries it."""
        batch = [event for event in self.outbox if only is None or re.fullmatch(only, event["type"])][:limit]
        if order:
            batch = order(batch)
        for event in batch:
            body = json.dumps(event)
            for _ in range(copies):
                status = post(body.encode(), {"Stripe-Signature": self.sign(body)})
            if 200 <= status < 300 and event in self.outbox:
                self.outbox.remove(event)
        return batch

    def lose(self, only: str = ".*") -> list[Object]:
        """Drop waiting events whose type matches, as if their delivery had failed for ever."""
        lost = [event for event in self.outbox if re.fullmatch(only, event["type"])]
        self.outbox = [event for event in self.outbox if event not in lost]
        return lost

    def sign(self, body: str, secret: str = SECRET, at: int | None = None) -> str:
        """Return the Stripe-Signature header of `body`. Signed at the real time unless `at` is given."""
        return stripe.WebhookSignature.generate_signature_header(body, secret, timestamp=at)

    def list_events(self, created: Any = None, type: str | None = None, types: Any = None, **page: Any) -> Object:
        since = int((created or {}).get("gte", 0)) if isinstance(created, dict) else 0
        wanted = set(types or ([type] if type else ()))
        found = [event for event in self.events if event["created"] >= since]
        return self.page([event for event in found if not wanted or event["type"] in wanted], "/v1/events", **page)

    def retrieve_event(self, id: str) -> Object:
        return copy.deepcopy(next((event for event in self.events if event["id"] == id), None) or self.get(id, "event"))
