"""What the composing project itself keeps: where imported things came from, so that an import can be run again."""

from django.db import models
from django.utils import timezone

from truthlytics.audit.log import AuditEntry

__all__ = ["AuditEntry", "ImportRun", "ImportedObject", "PageChange"]


class ImportRun(models.Model):
    """One run of `import_site` that wrote something; `finished_at` is empty where it was interrupted."""

    format = models.CharField(max_length=20)
    file = models.CharField(max_length=255, help_text="The file's name, without its folder.")
    started_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)
    counts = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["-started_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.file}, {self.started_at:%Y-%m-%d %H:%M}"


class ImportedObject(models.Model):
    """Which record of which source became which article.

    `digest` is of the source's record, to see whether it changed there; `written` is of the working row as the
    import left it, to see whether it was edited here.
    """

    source = models.CharField(max_length=200)
    kind = models.CharField(max_length=20, default="article")
    source_id = models.CharField(max_length=500)
    digest = models.CharField(max_length=64)
    written = models.CharField(max_length=64)
    article = models.ForeignKey("articles.Article", models.CASCADE, related_name="+")
    run = models.ForeignKey(ImportRun, models.PROTECT, related_name="objects_written")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source", "kind", "source_id"],
                name="imported_once",
                violation_error_message="This record of this source was imported already.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.source}: {self.source_id}"


class PageChange(models.Model):
    """Said to the other machines: whatever they keep with one of these tags is no longer true.

    Written in the transaction that makes it so, and forgotten by `tick` after an hour. PostgreSQL only: SQLite is
    one machine.
    """

    machine = models.BigIntegerField(help_text="Which machine says so; it knows already.")
    transaction = models.BigIntegerField(db_index=True, help_text="The database's number of the transaction.")
    tags = models.TextField(help_text="Separated by spaces.")
    made_at = models.DateTimeField(default=timezone.now, db_index=True)

    def __str__(self) -> str:
        return self.tags
