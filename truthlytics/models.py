"""Models of the project itself: page cache invalidations, and those of its packages."""

from django.db import models
from django.utils import timezone

from truthlytics.audit.log import AuditEntry
from truthlytics.backups.models import BackupRun
from truthlytics.contact.models import Message
from truthlytics.crawlers.models import CrawlerDay, SignedAgent
from truthlytics.jobs.models import JobProblem
from truthlytics.monitoring.models import SlowPage
from truthlytics.publication.contract_settings import ContractSettings
from truthlytics.publication.design_editions import DesignDraft, DesignEdition
from truthlytics.publication.models import Publication
from truthlytics.publication.proxies import (
    ConnectionSettings,
    CrawlerSettings,
    DesignSettings,
    EmailSettings,
    LoginSettings,
    PaymentSettings,
    RecordSettings,
    SystemSettings,
)
from truthlytics.publication.tax_rates import TaxRate, TaxSettings

__all__ = [
    "AuditEntry",
    "BackupRun",
    "CdnPurge",
    "ConnectionSettings",
    "ContractSettings",
    "CrawlerDay",
    "CrawlerSettings",
    "DesignDraft",
    "DesignEdition",
    "DesignSettings",
    "EmailSettings",
    "JobProblem",
    "LoginSettings",
    "Message",
    "PageChange",
    "PaymentSettings",
    "Publication",
    "RecordSettings",
    "SignedAgent",
    "SlowPage",
    "SystemSettings",
    "TaxRate",
    "TaxSettings",
]


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
