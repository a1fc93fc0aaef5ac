"""Documents for readers, such as reports and data. The URL of each is its digest."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from articles.models.uploads import Upload


def document_name(document: "Document", filename: str) -> str:
    return f"{document.sha256}.{document.format}"


class Document(Upload):
    class Format(models.TextChoices):
        PDF = "pdf", "PDF"
        CSV = "csv", "CSV"
        XLSX = "xlsx", "Excel"
        ODS = "ods", "OpenDocument"
        JSON = "json", "JSON"

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    # In the public storage. The name is the digest, which cannot be guessed.
    file = models.FileField(upload_to=document_name, max_length=200)
    title = models.CharField(max_length=200, help_text=_("Link text and file name for readers."))
    credit = models.CharField(max_length=200, help_text=_("Who made it, such as “Court of Auditors”."))
    format = models.CharField(max_length=8, choices=Format, editable=False)
    size = models.PositiveIntegerField(editable=False, help_text=_("In bytes."))
    file_name = models.CharField(max_length=200, blank=True, editable=False)

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """Return the URL that texts use, wherever the files are stored."""
        return f"/media/{self.sha256}.{self.format}"
