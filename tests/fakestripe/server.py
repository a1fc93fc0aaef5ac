"""The fake as a server on 127.0.0.1: the API, and the hosted pages a browser can use."""

import json
import re
import threading
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import stripe

from tests.fakestripe import pages
from tests.fakestripe.requests import ApiError
from tests.fakestripe.transport import FakeStripe

Reply = tuple[int, str, dict[str, str]]


class Server(ThreadingHTTPServer):
    """Waiting webhooks are posted to `webhook_url` before a hosted page answers, if `webhook_url` is set."""

    daemon_threads = True

    def __init__(self, fake: FakeStripe, port: int, webhook_url: str | None) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.fake, self.webhook_url = fake, webhook_url

    def deliver(self, **options: Any) -> None:
        """Post the waiting webhooks; takes the arguments of `FakeStripe.deliver`."""
        if self.webhook_url:
            self.fake.deliver(self._post, **options)

    def _post(self, body: bytes, headers: dict[str, str]) -> int:
        headers = {**headers, "Content-Type": "application/json"}
        request = urllib.request.Request(self.webhook_url or "", body, headers)
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status
        except OSError as error:
            return getattr(error, "code", 599)

    def advance(self, *, days: float = 0, to: int | None = None) -> None:
        """Move the clock and post the webhooks that result."""
        self.fake.advance(to, days=days)
        self.deliver()

    def stop(self) -> None:
        self.shutdown()
        self.server_close()


def serve(fake: FakeStripe, port: int = 0, *, webhook_url: str | None = None) -> Server:
    """Start a server in a thread and set `fake.base_url`. Port 0 takes a free one. Call `stop()` at the end."""
    server = Server(fake, port, webhook_url)
    fake.base_url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


class Handler(BaseHTTPRequestHandler):
    server: Server

    def log_message(self, *args: Any) -> None:
        pass

    def _respond(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        path = urlsplit(self.path).path
        try:
            if path.startswith("/v1/"):
                status, text, headers = self._api(body)
            else:
                status, text, headers = self._page(path, dict(parse_qsl(body)))
        except stripe.APIConnectionError:
            self.close_connection = True
            return
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())

    do_GET = do_POST = do_DELETE = _respond

    def _api(self, body: str) -> Reply:
        key = self.headers.get("Idempotency-Key")
        status, answer, extra = self.server.fake.handle(self.command, self.path, body, key)
        return status, json.dumps(answer), {"Content-Type": "application/json", **extra}

    def _page(self, path: str, form: dict[str, str]) -> Reply:
        if path == "/":
            return self._overview(form)
        if path == "/favicon.ico":  # browsers report a missing icon as an error
            return 204, "", {}
        match = re.fullmatch(r"/(pay|portal|i)/(\w+)", path)
        found = match and self.server.fake.objects.get(match[2])
        if not match or not found:
            return _html(pages.missing_page(), 404)
        return {"pay": self._checkout, "portal": self._portal, "i": self._invoice}[match[1]](found, form)

    def _overview(self, form: dict[str, str]) -> Reply:
        if self.command == "POST":
            self.server.advance(days=int(form.get("days", 0)))
        return _html(pages.overview_page(self.server.fake))

    def _checkout(self, session: dict[str, Any], form: dict[str, str]) -> Reply:
        fake = self.server.fake
        if self.command == "GET":
            return _html(pages.checkout_page(fake, session))
        try:
            card, code = form.get("card", "pm_card_visa"), form.get("promotion_code", "").strip()
            outcome = fake.pay(session["id"], card=card, promotion_code=code)
        except ApiError as error:
            return _html(pages.checkout_page(fake, session, str(error)))
        if outcome != "paid":
            message = "Your card was declined." if outcome == "declined" else outcome
            return _html(pages.checkout_page(fake, session, message))
        self.server.deliver()
        return 303, "", {"Location": session["success_url"].replace("{CHECKOUT_SESSION_ID}", session["id"])}

    def _portal(self, session: dict[str, Any], form: dict[str, str]) -> Reply:
        message = ""
        if self.command == "POST":
            paid = self.server.fake.change_card(session["customer"], form.get("card", "pm_card_visa"))
            message = "Your card was replaced." if paid else "Your card was declined."
            self.server.deliver()
        return _html(pages.portal_page(self.server.fake, session, message))

    def _invoice(self, invoice: dict[str, Any], form: dict[str, str]) -> Reply:
        message = ""
        if self.command == "POST":
            paid = self.server.fake.pay_open(invoice["id"], form.get("card", ""))
            message = "Paid. Thank you." if paid else "Your card was declined."
            self.server.deliver()
        return _html(pages.invoice_page(invoice, message))


def _html(text: str, status: int = 200) -> Reply:
    return status, text, {"Content-Type": "text/html; charset=utf-8"}
