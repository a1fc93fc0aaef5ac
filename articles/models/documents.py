"""Documents for readers, such as reports and data. The URL of each is its digest."""

import json
import re
import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Self

from django.db import models
from django.db.models import Case, F, Min, OuterRef, Q, Subquery, When
from django.db.models.functions import Greatest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from articles.access import Level
from articles.models.media import originals
from articles.models.publishable import not_withdrawn
from articles.models.uploads import Upload

# Where texts link to a document.
LINK = re.compile(r"/media/([0-9a-f]{64})\.(?:pdf|csv|xlsx|ods|json)\b")


def document_name(document: "Document", filename: str) -> str:
    return f"{document.sha256}.{document.format}"


class DocumentQuerySet(models.QuerySet["Document"]):
    def with_required_level(self, now: datetime | None = None) -> Self:
        """Annotate each with `required_level`: what a reader needs for the freest text that links to it, for `decide`.

        None if no version that readers can see links to it. Then only the newsroom may learn that it is there: anyone
        who has a copy of a document knows its digest.
        """
        links = DocumentLink.objects.with_level(now or timezone.now()).filter(sha256=OuterRef("sha256"))
        lowest = links.values("sha256").annotate(Min("level")).values("level__min")
        return self.annotate(required_level=Subquery(lowest))


class Document(Upload):
    # Set by `with_required_level`.
    required_level: Any

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

    def with_level(self, now: datetime) -> Self:
        """Annotate the links of `public` with `level`: what a reader needs for the part of the text with the link.

        Access to an earlier version needs the level of the served one, too. While that is gated, so are all links that
        only earlier versions have.
        """
        article, is_due = "version__article__", Q(version__article__upcoming_at__lte=now)
        served = Case(When(is_due, then=F(f"{article}upcoming")), default=F(f"{article}live"))
        served_level = Case(
            When(is_due, then=F(f"{article}upcoming__required_level")), default=F(f"{article}live__required_level")
        )
        links = self.public(now).alias(served=served, served_level=served_level)
        free = Q(version=None) | Q(is_gated=False) & (Q(version=F("served")) | Q(served_level=Level.EVERYONE))
        gated = Greatest("version__required_level", "served_level")
        level = Case(When(free, then=Level.EVERYONE), default=gated, output_field=models.IntegerField())
        return links.annotate(level=level)


class DocumentLink(models.Model):
    """A document that a version of an article, page or dossier links to. Derived from the content of the version.

    By digest, because the version stays when the document is deleted, or may be older than it.
    """

    # The foreign keys to versions, with the name of the version's item.
    VERSIONS = {"version": "article", "page_version": "page", "dossier_version": "dossier"}

    sha256 = models.CharField(max_length=64, db_index=True)
    # Whether only the gated part of an article has the link.
    is_gated = models.BooleanField(default=True, db_default=True)
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
            cls(sha256=digest, is_gated=digest not in free, **{version.document_links.field.name: version})
            for version, text in versions
            if (digests := set(LINK.findall(text)))
            for free in [set(LINK.findall(free_text(version, text)))]
            for digest in sorted(digests)
        )


def free_text(version: Any, text: str) -> str:
    """Return what is free of the content `text` of `version`, which has its derived columns."""
    if not getattr(version, "required_level", Level.EVERYONE):
        return text
    sources = [source for source in json.loads(text).get("sources", ()) if not source["gated"]]
    return f"{version.free_html} {version.free_notes} {json.dumps(sources)}"
