"""`manage.py check_proxy`: what arrives through the proxy of the site."""

from argparse import ArgumentParser
from typing import Any
from urllib.parse import urlsplit

from django.core.management.base import BaseCommand, CommandError

from truthlytics.server.proxy_check import Proxy, UnreachableError, check


class Command(BaseCommand):
    help = (
        "Send hostile headers through the real address of the site, and say what arrives and what to change. "
        "Exits 1 if something is wrong. Run it with the SECRET_KEY of the site that runs there."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("address", help="Such as https://news.example.org.")
        parser.add_argument("--insecure", action="store_true", help="Accept a certificate that cannot be checked.")

    def handle(self, *args: Any, address: str, insecure: bool, **options: Any) -> None:
        parts = urlsplit(address.rstrip("/"))
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path:
            raise CommandError("Give the address of the site, such as https://news.example.org.")
        wrong = 0
        try:
            for finding in check(Proxy(parts, verify=not insecure)):
                wrong += not finding.is_right
                self.stdout.write(f"{'ok    ' if finding.is_right else 'WRONG '} {finding.sentence}")
        except UnreachableError as error:
            raise CommandError(str(error)) from None
        if wrong:
            raise CommandError(f"{wrong} of these must be changed. docs/deploy.md has samples for nginx and Caddy.")
