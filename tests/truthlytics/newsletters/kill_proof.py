"""Send an issue to many readers while its process is killed, the mail server goes away, and emails are put off.

    python -m tests.truthlytics.newsletters.kill_proof [READERS] [KILLS]

By default 20,000 readers and ten kills. Everyone must have one email, except those that the newsroom lists as
uncertain, who have one or none.
"""

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

MODULE = "tests.truthlytics.newsletters.kill_proof"
PORT = 2627


def sink(folder):
    """A mail server that notes the recipient of each email it accepts, before it says so.

    It refuses every 500th email for now, closes the connection at every 700th, and answers slowly enough to be killed.
    """
    from aiosmtpd.controller import Controller

    class Handler:
        number = 0

        async def handle_RCPT(self, server, session, envelope, address, options):
            Handler.number += 1
            if Handler.number % 500 == 0:
                return "452 4.2.2 Mailbox full"
            envelope.rcpt_tos.append(address)
            return "250 ok"

        async def handle_DATA(self, server, session, envelope):
            if Handler.number % 700 == 0:
                return "421 4.3.2 Slow down"
            with (folder / "received").open("a") as file:
                file.write(f"{envelope.rcpt_tos[0]}\n")
            return "250 ok"

    Controller(Handler(), hostname="127.0.0.1", port=PORT).start()
    time.sleep(10**6)


def worker():
    """Do what `db_worker` and `tick` do for newsletters, until everything is sent."""
    from datetime import timedelta

    from django.utils import timezone

    from truthlytics.newsletters.models import Issue
    from truthlytics.newsletters.services import leases, sending
    from truthlytics.newsletters.services.scheduling import work_on

    # A minute would make it long.
    leases.LEASE = sending.SERVER_WAIT = timedelta(seconds=3)
    sending.RETRY_AFTER = timedelta(seconds=5)
    while issue := Issue.objects.exclude(state="sent").first():
        work_on.call(issue_id=issue.pk)
        time.sleep(0.2)
        Issue.objects.filter(wait_until__lte=timezone.now()).update(wait_until=None)


def prepare(readers):
    from django.core.management import call_command

    from tests.truthlytics.newsletters.factories import make_issue, make_newsletter
    from truthlytics.newsletters.models import Address, SignUp

    call_command("migrate", verbosity=0)
    newsletter = make_newsletter()
    addresses = Address.objects.bulk_create(
        (Address(email=f"r{number}@example.org") for number in range(readers)), batch_size=2000
    )
    SignUp.objects.bulk_create(
        (SignUp(address=address, newsletter=newsletter, source="page") for address in addresses), batch_size=2000
    )
    make_issue(newsletter)


def start(*arguments):
    return subprocess.Popen([sys.executable, "-m", MODULE, *arguments])


def proof(readers, kills):
    from truthlytics.newsletters.models import Delivery, Issue

    folder = Path(os.environ["VAR_DIR"])
    prepare(readers)
    server, process = start("sink"), start("worker")
    began, killed = time.monotonic(), 0
    while process.poll() is None:
        time.sleep(random.uniform(0.5, 1.5) * readers / 100 / (kills + 2))
        if process.poll() is None and killed < kills:
            process.send_signal(signal.SIGKILL)
            process.wait()
            killed += 1
            if killed == kills // 2:
                server.kill()
                server.wait()
                process = start("worker")
                time.sleep(10)
                server = start("sink")
            else:
                process = start("worker")
    server.kill()
    received = Counter((folder / "received").read_text().split())
    deliveries = dict(Delivery.objects.values_list("address__email", "state"))
    uncertain = {email for email, state in deliveries.items() if state == "uncertain"}
    wrong = [email for email in deliveries if email not in uncertain and received[email] != 1]
    doubled = [email for email, number in received.items() if number > 1]
    print(
        f"{Issue.objects.get().state}; {Counter(deliveries.values())}; {killed} kills, {time.monotonic() - began:.0f} s"
    )
    print(f"{len(wrong)} without exactly one email, {len(doubled)} with several, {len(uncertain)} uncertain")
    return not wrong and not doubled and len(uncertain) <= kills + 1


def main():
    if sys.argv[1:2] == ["sink"]:
        return sink(Path(os.environ["VAR_DIR"]))
    is_worker = sys.argv[1:2] == ["worker"]
    if not is_worker:
        os.environ["VAR_DIR"] = tempfile.mkdtemp()
        os.environ["DATABASE_URL"] = os.environ.get("DATABASE_URL", "")
    os.environ |= {
        "SMTP_URL": f"smtp://127.0.0.1:{PORT}",
        "DEBUG": "1",
        "DJANGO_SETTINGS_MODULE": "truthlytics.settings",
    }
    import django

    django.setup()
    if is_worker:
        return worker()
    numbers = [int(argument) for argument in sys.argv[1:]]
    sys.exit(0 if proof(*(numbers + [20_000, 10][len(numbers) :])) else 1)


if __name__ == "__main__":
    main()
