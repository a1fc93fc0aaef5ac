"""Send an issue to many readers while its worker is killed, the mail server goes away, and the disk is full.

    python -m tests.truthlytics.newsletters.kill_proof [smtp|postmark|resend|postal] [READERS] [KILLS]

By default SMTP, 20,000 readers and ten kills, each at a random email. Everyone must have exactly one email, except
those that the newsroom lists as uncertain, who have one or none: at most one for each kill. Addresses that the mail
server refuses must have none. The database is SQLite, or what DATABASE_URL says.

The disk is full only if there is a small one, whose path is FULL_DISK. The database must be on it; one of SQLite is put
there. For example, as root:

    mkdir /tmp/small && mount -t tmpfs -o size=400m tmpfs /tmp/small && export FULL_DISK=/tmp/small
"""

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import suppress
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

MODULE = "tests.truthlytics.newsletters.kill_proof"
PORT = int(os.environ.get("KILL_PROOF_PORT", "2627"))
AWAY_SECONDS, FULL_SECONDS = 60, 15
MAIL_URLS = {
    "smtp": f"smtp://127.0.0.1:{PORT}",
    # One provider with headers for each recipient of a batch, one with keys for requests, and one without batches.
    "postmark": f"anymail://postmark?server_token=t&api_url=http://127.0.0.1:{PORT}/",
    "resend": f"anymail://resend?api_key=k&api_url=http://127.0.0.1:{PORT}/",
    "postal": f"anymail://postal?api_key=k&api_url=http://127.0.0.1:{PORT}/",
}
LINE = "r00000@example.org\n"
# Of the readers' addresses, this share does not exist.
REFUSED = "999@"
# Each so many emails, the server asks to wait, or refuses an email for now.
SLOW_DOWN, NOT_NOW = 2000, 500


class Server:
    """What the mail server and the fake provider share."""

    number = 0
    is_leaving = False

    @classmethod
    def accept(cls, address):
        """Note the recipient of an email, before the answer says that it is accepted."""
        with (Path(os.environ["KILL_PROOF_DIR"]) / "received").open("a") as file:
            file.write(f"{address}\n")


class Smtp:
    async def handle_MAIL(self, server, session, envelope, address, options):
        if Server.is_leaving:
            os._exit(0)
        envelope.mail_from = address
        return "250 ok"

    async def handle_RCPT(self, server, session, envelope, address, options):
        Server.number += 1
        if REFUSED in address:
            return "550 5.1.1 No such user"
        if Server.number % NOT_NOW == 0:
            return "452 4.2.2 Mailbox full"
        envelope.rcpt_tos.append(address)
        return "250 ok"

    async def handle_DATA(self, server, session, envelope):
        if Server.number % SLOW_DOWN == 1:
            return "421 4.3.2 Slow down"
        Server.accept(envelope.rcpt_tos[0])
        return "250 ok"


class Api(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        to = body.get("To") or body["to"][0]
        Server.number += 1
        if Server.number % SLOW_DOWN == 0:
            self.answer(429, {}, ("Retry-After", "2"))
        elif Server.number % NOT_NOW == 0:
            self.answer(503, {}, ("Retry-After", "1"))
        elif REFUSED in to:
            self.answer(*self.refusal(to))
        else:
            Server.accept(to)
            success = {"ErrorCode": 0, "Message": "OK", "To": to, "MessageID": "m", "id": "m"}
            self.answer(200, success | {"status": "success", "data": {"messages": {to: {"id": 1, "token": "t"}}}})

    def refusal(self, to):
        if self.path.startswith("/api/v1/"):
            return 200, {"status": "error", "data": {"code": "ValidationError"}}
        message = f"Found inactive addresses: {to}. Inactive recipients are ones that have generated a hard bounce."
        return 422, {"ErrorCode": 406, "Message": message, "name": "validation_error"}

    def answer(self, status, data, *headers):
        content = json.dumps(data).encode()
        self.send_response(status)
        for header in [("Content-Length", str(len(content))), *headers]:
            self.send_header(*header)
        if Server.is_leaving:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(content)
        self.wfile.flush()
        if Server.is_leaving:
            os._exit(0)

    def log_message(self, *args):
        pass


def serve(kind):
    """Run the mail server. With SIGTERM it ends between two emails, as real ones do."""

    def leave(*_):
        Server.is_leaving = True

    signal.signal(signal.SIGTERM, leave)
    if kind == "smtp":
        from aiosmtpd.controller import Controller

        Controller(Smtp(), hostname="127.0.0.1", port=PORT).start()
        while True:
            time.sleep(10)
    else:
        ThreadingHTTPServer(("127.0.0.1", PORT), Api).serve_forever()


def work():
    """Run the worker of the queue, and what `tick` does for newsletters. With shorter times, or it would take hours."""
    from django.core.management import call_command
    from django.db import DatabaseError, close_old_connections
    from django.utils import timezone

    from truthlytics.newsletters.services import leases, scheduling, sending

    leases.LEASE, sending.SERVER_WAIT, sending.RETRY_AFTER = (timedelta(seconds=number) for number in (5, 3, 5))

    def tick():
        while True:
            time.sleep(2)
            close_old_connections()
            with suppress(DatabaseError):
                scheduling.start_due(timezone.now())

    Thread(target=tick, daemon=True).start()
    call_command("db_worker", queue_name=["newsletters"], interval=0.2, verbosity=0)


def prepare(readers):
    from django.core.management import call_command

    from tests.truthlytics.newsletters.factories import make_issue, make_newsletter
    from truthlytics.newsletters.models import Address, SignUp

    call_command("migrate", verbosity=0)
    newsletter = make_newsletter()
    rows = (Address(email=f"r{number:05}@example.org") for number in range(readers))
    addresses = Address.objects.bulk_create(rows, batch_size=2000)
    sign_ups = (SignUp(address=address, newsletter=newsletter, source="page") for address in addresses)
    SignUp.objects.bulk_create(sign_ups, batch_size=2000)
    make_issue(newsletter)


def start(*arguments):
    return subprocess.Popen([sys.executable, "-m", MODULE, *arguments])


class Proof:
    def __init__(self, kind, readers, kills):
        self.kind, self.readers = kind, readers
        self.received = Path(os.environ["KILL_PROOF_DIR"]) / "received"
        self.received.touch()
        prepare(readers)
        steps = [(random.randrange(readers // 50, readers), self.kill) for _ in range(kills)]
        steps.append((int(readers * 0.35), self.take_server_away))
        if disk := os.environ.get("FULL_DISK"):
            self.disk = Path(disk)
            steps.append((int(readers * 0.65), self.fill_disk))
        else:
            print("The disk is never full, because FULL_DISK is not set.")
        # Some addresses get nothing.
        self.steps = sorted((min(number, int(readers * 0.98)), step) for number, step in steps)

    def run(self):
        began = time.monotonic()
        self.server, self.worker = start("serve", self.kind), start("work", self.kind)
        try:
            for number, step in self.steps:
                self.wait_for(lambda number=number: self.received.stat().st_size >= number * len(LINE))
                time.sleep(random.uniform(0, 0.2))
                step()
            self.wait_for(self.is_over, seconds=2)
        finally:
            self.worker.kill()
            self.server.kill()
        print(f"{self.kind}, {self.readers} readers: {time.monotonic() - began:.0f} s")
        return self.is_proved()

    def wait_for(self, condition, seconds=0.01):
        while not condition():
            assert self.worker.poll() is None, "The worker has ended."
            time.sleep(seconds)

    def kill(self):
        self.worker.kill()
        self.worker.wait()
        self.worker = start("work", self.kind)

    def take_server_away(self):
        self.server.terminate()
        self.server.wait()
        time.sleep(AWAY_SECONDS)
        self.server = start("serve", self.kind)

    def fill_disk(self):
        filler = self.disk / "filler"
        with suppress(OSError), filler.open("wb", buffering=0) as file:
            while file.write(bytes(4096)):
                pass
        time.sleep(FULL_SECONDS)
        filler.unlink()

    def is_over(self):
        from truthlytics.newsletters.models import Issue

        return Issue.objects.get().state in {"sent", "paused", "stopped"}

    def is_proved(self):
        from truthlytics.newsletters.models import Delivery, Issue

        received = Counter(self.received.read_text().split())
        deliveries = dict(Delivery.objects.values_list("address__email", "state"))
        expected = {"submitted": {1}, "rejected": {0}, "uncertain": {0, 1}}
        wrong = [email for email, state in deliveries.items() if received[email] not in expected.get(state, set())]
        doubled = [email for email, number in received.items() if number > 1]
        uncertain = {email for email, state in deliveries.items() if state == "uncertain"}
        arrived = sum(received[email] for email in uncertain)
        kills = sum(step == self.kill for _, step in self.steps)
        print(f"{Issue.objects.get().state}; {dict(Counter(deliveries.values()))}; {kills} kills")
        print(f"Answers: {dict(Counter(Delivery.objects.exclude(state='submitted').values_list('state', 'answer')))}")
        print(f"{len(wrong)} wrong, {len(doubled)} doubled; {len(uncertain)} uncertain, {arrived} of which arrived")
        is_complete = Issue.objects.get().state == "sent" and len(deliveries) == self.readers
        return is_complete and not wrong and not doubled and len(uncertain) <= kills and self.lists(uncertain)

    def lists(self, emails):
        """Return whether the newsroom lists `emails` and no others as uncertain."""
        from django.test import Client
        from django.urls import reverse

        from subscriptions.models import User
        from truthlytics.newsletters.models import Issue

        client = Client(SERVER_NAME="localhost")
        client.force_login(User.objects.create_superuser(email="admin@example.org", password=None))
        url = reverse("admin:newsletters_issue_deliveries", args=[Issue.objects.get().pk])
        pages = "".join(
            client.get(url, {"state": "uncertain", "page": number + 1}).content.decode()
            for number in range(len(emails) // 50 + 1)
        )
        listed = {f"r{number:05}@example.org" for number in range(self.readers) if f"r{number:05}@" in pages}
        print(f"{len(listed)} listed in the newsroom")
        return listed == emails


def main():
    command, *arguments = [*sys.argv[1:], *["smtp", "20000", "10"][len(sys.argv) - 1 :]]
    if command == "serve":
        return serve(arguments[0])
    kind = arguments[0] if command == "work" else command
    os.environ |= {"NEWSLETTER_MAIL_URL": MAIL_URLS[kind], "DEBUG": "1"}
    os.environ["DJANGO_SETTINGS_MODULE"] = "truthlytics.settings"
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory(dir=os.environ.get("FULL_DISK")) as var:
        if command != "work":
            os.environ |= {"KILL_PROOF_DIR": folder, "VAR_DIR": var, "DATABASE_URL": os.environ.get("DATABASE_URL", "")}
        import django

        django.setup()
        if command == "work":
            return work()
        return sys.exit(not Proof(kind, *map(int, arguments)).run())


if __name__ == "__main__":
    main()
