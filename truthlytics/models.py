"""The models of the project, which are in its packages."""

from truthlytics.audit.log import AuditEntry
from truthlytics.backups.models import BackupRun
from truthlytics.cache.models import CdnPurge, PageChange
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
