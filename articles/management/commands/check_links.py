"""Check the addresses of sources now."""

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from articles.models import Source
from articles.services.link_checks import MAX_CHECKS, MAX_SECONDS, check_links


class Command(BaseCommand):
    help = (
        "Request the addresses of cited sources that were not checked for a week, one at a time. A source is gone "
        "after two failures at least a week apart. `tick` does the same if it is turned on in the settings."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--limit", type=int, default=MAX_CHECKS, help="how many at most (default: %(default)s)")
        parser.add_argument(
            "--seconds", type=float, default=MAX_SECONDS, help="for how long at most (default: %(default)s)"
        )

    def handle(self, *args: object, limit: int, seconds: float, **options: object) -> None:
        count = check_links(now=timezone.now(), limit=max(0, limit), seconds=seconds)
        self.stdout.write(f"{count} sources checked, {Source.objects.gone().count()} cited sources are gone")
