"""What was imported: runs, uploads, and what each record and each reader became.

The tables have the names that they had before this was an app of its own.
"""

from functools import reduce
from operator import or_
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from truthlytics.contrib.importers.contracts.models import ContractRun, LinkEmail, MovedContract, SignedYear

__all__ = [
    "ContractRun",
    "ImportRun",
    "ImportUpload",
    "ImportedObject",
    "ImportedReader",
    "LinkEmail",
    "MovedContract",
    "SignedYear",
]


class ImportRun(models.Model):
    """An import: its files and options, its state, and what it wrote. One process at a time works at one of them.

    `finished_at` is empty if it was not, or not completely, imported. `created_rows` has the ids of the sections,
    topics and authors that it created, by kind. `process` is the machine and number of the process that works at it,
    which sets `seen_at` every few seconds.
    """

    class Status(models.TextChoices):
        NEW = "new", _("Not checked yet")
        CHECKING = "checking", _("Dry run in progress")
        CHECKED = "checked", _("Checked")
        IMPORTING = "importing", _("Import in progress")
        STOPPED = "stopped", pgettext_lazy("import", "Stopped")
        DONE = "done", _("Imported")
        UNDOING = "undoing", _("Being undone")
        UNDONE = "undone", _("Undone")
        VERIFYING = "verifying", _("Comparison in progress")

    # In these, a process works at it or is about to.
    ACTIVE = (Status.CHECKING, Status.IMPORTING, Status.UNDOING, Status.VERIFYING)

    format = models.CharField(max_length=20)
    file = models.CharField(max_length=255, help_text="File name without its folder.")
    files = models.JSONField(default=list, blank=True, db_default=[], help_text="Where they lie, of a run on the page.")
    options = models.JSONField(default=dict, blank=True, db_default={})
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.DB_SET_NULL, null=True, blank=True, editable=False, related_name="+"
    )
    started_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.DONE, db_default=Status.DONE)
    process = models.CharField(max_length=100, blank=True, default="", db_default="")
    seen_at = models.DateTimeField(null=True, blank=True)
    is_stopping = models.BooleanField(default=False, db_default=False)
    work_started_at = models.DateTimeField(null=True, blank=True)
    done = models.PositiveIntegerField(default=0, db_default=0, help_text="Processed of `total`.")
    total = models.PositiveIntegerField(default=0, db_default=0)
    problem = models.TextField(blank=True, default="", db_default="", help_text="Why it did not end.")
    counts = models.JSONField(default=dict, blank=True)
    created_rows = models.JSONField(default=dict, blank=True, db_default={})
    # What an import of contracts has moved.
    contract_run = models.ForeignKey(
        ContractRun, models.DB_SET_NULL, null=True, blank=True, editable=False, related_name="imports"
    )

    class Meta:
        db_table = "truthlytics_importrun"
        ordering = ["-started_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                models.Case(models.When(status__in=("checking", "importing", "undoing", "verifying"), then=1)),
                name="one_import_at_a_time",
                violation_error_message=_("Another import is in progress. Wait until it has ended, or stop it."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.file}, {self.started_at:%Y-%m-%d %H:%M}"

    @property
    def is_active(self) -> bool:
        return self.status in self.ACTIVE


class ImportUpload(models.Model):
    """A file that was, or is being, uploaded for an import. It belongs to one user, and is deleted after a week."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.DB_CASCADE, related_name="+")
    name = models.CharField(max_length=255)
    size = models.PositiveBigIntegerField(help_text="In bytes, of the whole file.")
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        db_table = "truthlytics_importupload"
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.name


# What a record can be imported as.
IMPORT_TARGETS = ("article", "page", "image", "comment", "document", "recording")


def only_import_target(name: str) -> models.Q:
    """Return the condition that a record was imported as `name` and as nothing else."""
    return models.Q(**{f"{target}__isnull": target != name for target in IMPORT_TARGETS})


class ImportedObject(models.Model):
    """The article, page, comment or file that a source's record was imported as.

    `kind` is what it was there: "article", "page", "comment", or "image" for all files. A page with comments becomes an
    article. `status` is that of the record (see `records.Status`), and `reason` says why it was not published as it was
    there. `source_digest` detects changes at the source, `written_digest` edits since the import. `missing_images` is
    the number of images and other files of a text that could not be had.
    """

    source = models.CharField(max_length=200)
    kind = models.CharField(max_length=20, default="article")
    source_id = models.CharField(max_length=500)
    source_digest = models.CharField(max_length=64)
    written_digest = models.CharField(max_length=64)
    article = models.ForeignKey("articles.Article", models.DB_CASCADE, null=True, related_name="+")
    page = models.ForeignKey("articles.Page", models.DB_CASCADE, null=True, related_name="+")
    image = models.ForeignKey("articles.Image", models.DB_CASCADE, null=True, related_name="+")
    comment = models.ForeignKey("comments.Comment", models.DB_CASCADE, null=True, related_name="+")
    document = models.ForeignKey("articles.Document", models.DB_CASCADE, null=True, related_name="+")
    recording = models.ForeignKey("articles.Recording", models.DB_CASCADE, null=True, related_name="+")
    status = models.CharField(max_length=10, blank=True, default="", db_default="")
    reason = models.CharField(max_length=300, blank=True, default="", db_default="")
    missing_images = models.PositiveIntegerField(default=0, db_default=0)
    run = models.ForeignKey(ImportRun, models.DO_NOTHING, related_name="imported_objects")

    class Meta:
        db_table = "truthlytics_importedobject"
        constraints = [
            models.UniqueConstraint(
                fields=["source", "kind", "source_id"],
                name="imported_once",
                violation_error_message="This record of this source was already imported.",
            ),
            models.CheckConstraint(
                condition=reduce(or_, map(only_import_target, IMPORT_TARGETS)), name="imported_as_one_thing"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source}: {self.source_id}"


class ImportedReader(models.Model):
    """What an import did about one row of a list of readers, so that it can go on and be undone.

    `made` has the ids of what it created: "account", "note", "address", "sign_up", and "grants", a list. "named" is
    the name that it gave an account without one, "linked" the earlier address for newsletters that an account got.
    """

    class Outcome(models.TextChoices):
        CREATED = "created", _("New account")
        COMPLETED = "completed", _("Existing account completed")
        UNCHANGED = "unchanged", _("Nothing to do")

    run = models.ForeignKey(ImportRun, models.DO_NOTHING, related_name="imported_readers")
    file = models.CharField(max_length=255)
    row = models.PositiveIntegerField()
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.DB_SET_NULL, null=True, related_name="+")
    outcome = models.CharField(max_length=10, choices=Outcome)
    made = models.JSONField(default=dict)

    class Meta:
        db_table = "truthlytics_importedreader"
        constraints = [
            models.UniqueConstraint(
                fields=["run", "file", "row"],
                name="reader_imported_once",
                violation_error_message="This row was already imported.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.file}: {self.row}"
