"""Documents for readers, such as reports and data. The URL of each is its digest."""

import re
import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from articles.models.media import originals
from articles.models.publishable import not_withdrawn
from articles.models.uploads import Upload

# Where texts link to a document.
LINK = re.compile(r"/media/([0-9a-f]{64})\.(?:pdf|csv|xlsx|ods|json)\b")


def document_name(document: "Document", filename: str) -> str:
    return f"{document.sha256}.{document.format}"


class DocumentQuerySet(models.QuerySet["Document"]):
    def with_is_public(self, now: datetime | None = None) -> Self:
        """Annotate each with `is_public`: whether a version that readers can see links to it.

        No one else may learn that the newsroom has it: anyone who has a copy of a document knows its digest.
        """
        links = DocumentLink.objects.public(now or timezone.now()).filter(sha256=OuterRef("sha256"))
        return self.annotate(is_public=Exists(links))


class Document(Upload):
    # Set by `with_is_public`.
    is_public: bool

    class Format(models.TextChoices):
        PDF = "pdf", "PDF"
        CSV = "csv", "CSV"
        XLSX = "xlsx", "Excel"
        ODS = "ods", "OpenDocument"
        JSON = "json", "JSON"

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    # In the private storage, since only a view can tell whether it is public.
    file = models.FileField(storage=originals, upload_to=document_name, max_length=200)
    title = models.CharField(max_length=200, help_text=_("Link text and file name for readers."))
    credit = models.CharField(max_length=200, help_text=_("Who made it, such as “Court of Auditors”."))
    format = models.CharField(max_length=8, choices=Format, editable=False)
    size = models.PositiveIntegerField(editable=False, help_text=_("In bytes."))
    file_name = models.CharField(max_length=200, blank=True, editable=False)

    objects = DocumentQuerySet.as_manager()

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """Return the URL that texts use, wherever the files are stored."""
        return f"/media/{self.sha256}.{self.format}"


class DocumentLinkQuerySet(models.QuerySet["DocumentLink"]):
    def public(self, now: datetime) -> Self:
        """Return the links in versions that readers can see at `now`, old ones included."""
        seen = Q()
        for name, item in DocumentLink.VERSIONS.items():
            version = Q(**{f"{name}__public_from__lte": now, f"{name}__superseded_at": None})
            seen |= version & not_withdrawn(now, f"{name}__{item}__")
        return self.filter(seen)


class DocumentLink(models.Model):
    """A document that a version of an article, page or dossier links to. Derived from the content of the version.

    By digest, because the version stays when the document is deleted, or may be older than it.
    """

    # The foreign keys to versions, with the name of the version's item.
    VERSIONS = {"version": "article", "page_version": "page", "dossier_version": "dossier"}

    sha256 = models.CharField(max_length=64, db_index=True)
    version = models.ForeignKey("articles.Version", models.CASCADE, null=True, related_name="document_links")
    page_version = models.ForeignKey("articles.PageVersion", models.CASCADE, null=True, related_name="document_links")
    dossier_version = models.ForeignKey(
        "articles.DossierVersion", models.CASCADE, null=True, related_name="document_links"
    )

    objects = DocumentLinkQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["version", "sha256"], name="document_link_unique"),
            models.UniqueConstraint(fields=["page_version", "sha256"], name="document_link_unique_in_page"),
            models.UniqueConstraint(fields=["dossier_version", "sha256"], name="document_link_unique_in_dossier"),
        ]

    def __str__(self) -> str:
        return f"{self.sha256} in {self.version_id or self.page_version_id or self.dossier_version_id}"

    @classmethod
    def add_for(cls, versions: Iterable[tuple[Any, str]]) -> None:
        """Store which documents new versions link to. Each is given with the text of its content."""
        cls.objects.bulk_create(
            cls(sha256=digest, **{version.document_links.field.name: version})
            for version, text in versions
            for digest in sorted(set(LINK.findall(text)))
        )
