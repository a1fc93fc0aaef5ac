"""Preparing an issue for many readers, and submitting it to a mail server on this machine."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import batched
from pathlib import Path
from resource import RUSAGE_SELF, getrusage

from django.test.utils import override_settings
from django.utils import timezone

from truthlytics.env import BASE_DIR, mailer_settings
from truthlytics.newsletters.models import Address, Delivery, Issue, IssueArticle, Newsletter, SignUp
from truthlytics.newsletters.services import leases
from truthlytics.newsletters.services.preparing import prepare
from truthlytics.newsletters.services.sending import submit
from truthlytics.tools.bench.corpus import Corpus
from truthlytics.tools.bench.results import Row, at_least, at_most

READERS, SECONDS = 100_000, 20
QUICK_READERS, QUICK_SECONDS = 200, 1


def newsletters(corpus: Corpus, quick: bool) -> Iterator[Row]:
    readers, seconds = (QUICK_READERS, QUICK_SECONDS) if quick else (READERS, SECONDS)
    issue = _issue(corpus, readers)
    leases.take(issue, timezone.now())
    _forget_peak()
    memory, started = _memory(), time.perf_counter()
    prepare(issue)
    yield at_most(10, f"prepare an issue for {readers:,} readers", time.perf_counter() - started, "s")
    yield at_most(50, "memory for that", max(_memory() - memory, 0.01), "MiB")
    yield at_most(60, "its HTML", len(issue.variants.get().html.encode()) / 1000, "kB")
    with _mail_server() as port:
        mailer = {"default": mailer_settings(f"smtp://127.0.0.1:{port}")}
        started = time.process_time()
        with override_settings(MAILERS=mailer, NEWSLETTER_RATE=0, NEWSLETTER_PER_DAY=0):
            submit(issue, seconds=seconds)
        used = time.process_time() - started
    sent = Delivery.objects.filter(issue=issue, state=Delivery.State.SUBMITTED).count()
    yield at_least(100, "emails submitted for each second of CPU", sent / used, "")


def _issue(corpus: Corpus, readers: int) -> Issue:
    """Return an issue with an article of the corpus, for as many new readers."""
    number = Newsletter.objects.count()
    newsletter = Newsletter.objects.create(name="Bench", slug=f"bench-{number}", description="For measuring.")
    emails = (Address(email=f"reader{number}-{reader}@example.org") for reader in range(readers))
    for batch in batched(emails, 5000):
        addresses = Address.objects.bulk_create(batch)
        SignUp.objects.bulk_create(SignUp(address=row, newsletter=newsletter, source="page") for row in addresses)
    issue = Issue.objects.create(
        newsletter=newsletter, kind=Issue.Kind.ARTICLE, subject="Bench", state=Issue.State.PREPARING
    )
    IssueArticle.objects.create(issue=issue, newsletter=newsletter, article=corpus.article(10**6 + number, words=1500))
    return issue


def _forget_peak() -> None:
    """Let `_memory` count from now. Otherwise what the articles of the benchmark have used would hide all of it."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def _memory() -> float:
    """Return the most memory that this process has used, in MiB."""
    return getrusage(RUSAGE_SELF).ru_maxrss / 1024


@contextmanager
def _mail_server() -> Iterator[int]:
    """Run a mail server that accepts everything in a process of its own, and yield its port."""
    command = [sys.executable, "-m", "truthlytics.tools.bench.mail_server"]
    with subprocess.Popen(command, cwd=BASE_DIR, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        assert process.stdout is not None  # noqa: S101
        try:
            yield int(process.stdout.readline())
        finally:
            process.terminate()
