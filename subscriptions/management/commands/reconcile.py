"""Compare subscriptions and payments with the payment providers."""

import re
from datetime import datetime, timedelta

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from subscriptions.periods import next_month
from subscriptions.services import accounts_check, reconcile
from truthlytics.publication.language import site_language

AGREES = (
    "Everything agrees that was compared: all contracts, what has changed since {start:%Y-%m-%d %H:%M}, and the "
    "invoices of {start:%Y-%m} and later. Older invoices were not looked at: give a longer time with --since, or check "
    "their month under “Accounts” in the newsroom."
)
UNITS = {"h": "hours", "d": "days"}


class Command(BaseCommand):
    help = (
        "Compare orders, subscriptions and payments with the payment providers, and invoices with payments, and print "
        "what differs. Fails if something differs. Changes nothing without --fix."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--since",
            default="48h",
            help="compare in detail what has changed in this time, such as 48h or 30d (default: 48h)",
        )
        parser.add_argument("--fix", action="store_true", help="record or repeat what is missing, then compare again")

    def handle(self, *args: object, since: str, fix: bool, **options: object) -> None:
        now = timezone.now()
        start = now - _duration(since)
        with site_language():
            found = _found(start, now)
            if fix and found:
                reconcile.fix(found)
                remaining = _found(start, now)
                self._print(f"Mended: {len(found) - len(remaining)}", remaining)
                found = remaining
            else:
                self._print("", found)
        if found:
            raise CommandError(f"Differences: {len(found)}")
        self.stdout.write(AGREES.format(start=timezone.localtime(start)))

    def _print(self, heading: str, found: list[reconcile.Difference]) -> None:
        for line in [heading, *map(str, found)]:
            if line:
                self.stdout.write(line)


def _found(since: datetime, now: datetime) -> list[reconcile.Difference]:
    """Return what differs from the providers, and between receipts and payments of the months since then."""
    found = list(reconcile.differences(since=since, now=now))
    month = timezone.localdate(since).replace(day=1)
    while month <= timezone.localdate(now):
        found += accounts_check.differences(month)
        month = next_month(month)
    return list({str(difference): difference for difference in found}.values())


def _duration(text: str) -> timedelta:
    match = re.fullmatch(r"(\d{1,5})([hd])", text)
    if match is None:
        raise CommandError("Write the time as a number with h or d, such as 48h or 30d.")
    return timedelta(**{UNITS[match[2]]: int(match[1])})
