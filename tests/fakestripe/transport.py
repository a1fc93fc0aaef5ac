"""The fake as an HTTP client of the SDK: idempotency keys and injected failures."""

import copy
import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import stripe

from tests.fakestripe.portal import Portal
from tests.fakestripe.requests import ApiError, unflatten
from tests.fakestripe.routes import answer

Answer = tuple[int, dict[str, Any], dict[str, str]]


class FakeStripe(Portal, stripe.HTTPClient):
    """`requests` lists the method and path of each request with its parameters."""

    name = "fake"

    def __init__(self, now: int | None = None, **options: Any) -> None:
        stripe.HTTPClient.__init__(self)
        Portal.__init__(self, now, **options)
        self.requests: list[tuple[str, dict[str, Any]]] = []
        self._faults: list[tuple[re.Pattern[str], str | int, list[None]]] = []
        self._answered: dict[str, tuple[tuple[str, str], Answer]] = {}

    def fail(self, pattern: str, how: str | int, times: int = 1) -> None:
        """Fail the next requests whose "METHOD /path" matches.

        `how` is "timeout" (not applied), "lost" (applied, but the answer is lost) or an HTTP status.
        """
        self._faults.append((re.compile(pattern), how, [None] * times))

    def outage(self, requests: int, how: str | int = 503) -> None:
        """Fail the next requests of any kind. The SDK's retries count."""
        self.fail(".*", how, requests)

    def recover(self) -> None:
        self._faults.clear()

    def _fault(self, route: str) -> str | int | None:
        for pattern, how, left in self._faults:
            if left and pattern.search(route):
                left.pop()
                return how
        return None

    def handle(self, method: str, url: str, body: str, key: str | None = None) -> Answer:
        """Answer a request. Raises stripe.APIConnectionError for injected failures of the connection."""
        with self.lock:
            parts = urlsplit(url)
            route = f"{method} {parts.path}"
            fault = self._fault(route)
            if fault == "timeout":
                raise stripe.APIConnectionError("Timed out before the request was applied.", should_retry=True)
            if isinstance(fault, int):
                kind = "rate_limit_error" if fault == 429 else "api_error"
                return fault, {"error": {"type": kind, "message": f"Injected {fault}"}}, {}
            key = key if method == "POST" else None
            if key and key in self._answered:
                result = self._replay(key, (route, body))
            else:
                result = self._answer(method, parts.path, parts.query, body)
                if key:
                    self._answered[key] = (route, body), copy.deepcopy(result)
            if fault == "lost":
                raise stripe.APIConnectionError("Timed out after the request was applied.", should_retry=True)
            return result

    def _replay(self, key: str, asked: tuple[str, str]) -> Answer:
        before, (status, body, _) = copy.deepcopy(self._answered[key])
        if before != asked:
            text = f"Keys for idempotent requests can only be used with the same parameters: {key}"
            return 400, {"error": {"type": "idempotency_error", "message": text}}, {}
        return status, body, {"idempotent-replayed": "true"}

    def _answer(self, method: str, path: str, query: str, body: str) -> Answer:
        pairs = [*parse_qsl(query, keep_blank_values=True), *parse_qsl(body, keep_blank_values=True)]
        try:
            data, result = answer(self, method, path, unflatten(pairs))
        except ApiError as error:
            return error.status, error.body, {}
        self.requests.append((f"{method} {path}", data))
        return 200, result, {}

    # Interface of the SDK

    def request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None,
        post_data: Any = None,
        *,
        _usage: list[str] | None = None,
    ) -> tuple[str, int, dict[str, str]]:
        key = (headers or {}).get("Idempotency-Key")
        status, body, extra = self.handle(method.upper(), url, post_data or "", key)
        return json.dumps(body), status, {"request-id": self.new_id("req"), **extra}

    def _sleep_time_seconds(self, *args: Any) -> float:
        return 0  # tests don't wait between retries

    def close(self) -> None:
        pass
