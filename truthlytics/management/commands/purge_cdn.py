"""Let the CDN drop all pages."""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from truthlytics.cache.purges import PurgeError, purge
from truthlytics.web.fragments import EVERY_PAGE


class Command(BaseCommand):
    help = "Let the CDN of CDN_PURGE_URL drop all pages, such as after an upgrade with a new design."

    def handle(self, *args: object, **options: object) -> None:
        if not settings.CDN:
            raise CommandError("Set CDN_PURGE_URL first (docs/deploy.md, “A CDN in front”).")
        try:
            purge([EVERY_PAGE])
        except PurgeError as error:
            raise CommandError(str(error)) from error
        self.stdout.write("All pages were purged.")
