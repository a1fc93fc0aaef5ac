"""What tells other machines and the CDN about changed pages."""

from django.db import models
from django.utils import timezone


class PageChange(models.Model):
    """A page cache invalidation for other machines: cached pages with one of these tags are out of date.

    Written in the transaction that makes the change; `tick` deletes it after an hour. Used on PostgreSQL only, since
    a site on SQLite runs on one machine.
    """

    machine = models.BigIntegerField(help_text="The machine that made the change and has invalidated its own pages.")
    transaction = models.BigIntegerField(db_index=True, help_text="Transaction ID in the database.")
    tags = models.TextField(help_text="Separated by spaces.")
    made_at = models.DateTimeField(default=timezone.now, db_index=True)

    def __str__(self) -> str:
        return self.tags


class CdnPurge(models.Model):
    """A change of which the CDN has to be told, written in the transaction that makes it. Deleted when it is sent."""

    tags = models.TextField(help_text="Separated by spaces.")
    made_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True, blank=True, help_text="Sent for the first of two times.")

    def __str__(self) -> str:
        return self.tags
