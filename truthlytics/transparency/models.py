"""The tables of the transparency log.

An entry is written in the transaction of what it is about. It gets its place in the tree when it is due, under a lock
of its log, so that there are neither gaps nor forks.
"""

import json
from datetime import datetime
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from truthlytics.transparency.merkle import Frontier
from truthlytics.transparency.notes import Head, Note
from truthlytics.transparency.timestamps.models import Timestamp, TimestampAuthority
from truthlytics.transparency.witnesses.models import Cosignature, Quorum, Refusal, Witness, WitnessedLog
from truthlytics.web.append_only import AppendOnly, AppendOnlyQuerySet
from truthlytics.web.types import JsonObject

__all__ = [
    "Checkpoint",
    "Cosignature",
    "Log",
    "LogEntry",
    "LogKey",
    "Quorum",
    "Refusal",
    "Subtree",
    "Timestamp",
    "TimestampAuthority",
    "Witness",
    "WitnessedLog",
]


class LogManager(models.Manager["Log"]):
    def current(self) -> "Log":
        """Return the log that entries are added to. The first one is created when it is needed."""
        if (log := self.newest()) is not None:
            return log
        # A site with an archive has a log from the migration that created its table.
        columns = {"origin": origin_of(1), "archive_added_at": timezone.now()}
        return self.get_or_create(number=1, defaults=columns)[0]

    def newest(self) -> "Log | None":
        """Return the current log, or None if there is none yet."""
        return self.order_by("-number").first()

    def locked(self) -> "Log":
        """Return the current log, locked until the transaction ends. Others can still write entries meanwhile."""
        return self.select_for_update(no_key=True).get(pk=self.current().pk)


def origin_of(number: int) -> str:
    """Return the name of the log with this number: its address without the scheme."""
    site = settings.SITE_URL.partition("://")[2]
    return f"{site}/record/log" if number == 1 else f"{site}/record/log-{number}"


class Log(models.Model):
    """A tree of entries. There is another one only if a former one cannot be continued, as after a restored backup."""

    number = models.PositiveIntegerField(unique=True)
    # Its name in checkpoints. It stays if the site moves to another domain.
    origin = models.CharField(max_length=200, unique=True)
    created_at = models.DateTimeField(default=timezone.now)
    # The state of the tree: hexadecimal hashes of `merkle.Frontier`.
    size = models.PositiveBigIntegerField(default=0)
    subtree_hashes = models.JSONField(default=list)
    # When all that had been published before the log existed was written to it. No entry gets a place before that.
    archive_added_at = models.DateTimeField(null=True)

    objects: ClassVar[LogManager] = LogManager()

    def __str__(self) -> str:
        return self.origin

    @property
    def frontier(self) -> Frontier:
        return Frontier(self.size, [bytes.fromhex(hash_) for hash_ in self.subtree_hashes])

    @property
    def head(self) -> Head:
        return Head(self.origin, self.size, self.frontier.root)


class LogEntryQuerySet(AppendOnlyQuerySet["LogEntry"]):
    def waiting(self) -> Self:
        """Return the entries that have no place in the tree yet."""
        return self.filter(position=None)

    def due(self, now: datetime) -> Self:
        """Return the entries that wait for their place and are due by `now`, in their order."""
        return self.waiting().filter(appears_at__lte=now).order_by("appears_at", "pk")

    def cancel(self) -> int:
        """Delete those that have no place yet, because what they are about never appears. Returns how many."""
        return models.QuerySet.delete(self.waiting())[0]


class LogEntry(AppendOnly):
    """A leaf of the tree: that something became public, was corrected, removed, withdrawn or restored."""

    changeable = {"position", "leaf_hash", "added_at"}

    class Kind(models.TextChoices):
        VERSION = "version", _("Version")
        CORRECTION = "correction", _("Correction")
        REMOVAL = "removal", _("Text removed")
        WITHDRAWAL = "withdrawal", _("Withdrawn")
        RESTORATION = "restoration", _("Restored")
        DELETION = "deletion", _("Import undone")
        KEY = "key", _("New key")
        LOG = "log", _("Continues another log")

    log = models.ForeignKey(Log, models.PROTECT, related_name="entries")
    kind = models.CharField(max_length=11, choices=Kind)
    # The article, page or dossier, with the number of its version in the record.
    item = models.CharField(max_length=10, blank=True)
    uuid = models.UUIDField(null=True)
    number = models.PositiveIntegerField(default=0)
    appears_at = models.DateTimeField()
    # The bytes that are hashed: canonical JSON without any text of an article.
    leaf = models.TextField()
    # Its place in the tree, from 0, once it has one, and the hash there.
    position = models.PositiveBigIntegerField(null=True)
    leaf_hash = models.CharField(max_length=64, blank=True)
    added_at = models.DateTimeField(null=True)
    # A second entry about a version from before `one_entry_per_version`. Every check of the log names it.
    is_repeated = models.BooleanField(default=False, db_default=False)

    objects = LogEntryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = _("entries")
        constraints = [
            models.UniqueConstraint(fields=["log", "position"], name="one_entry_per_position"),
            models.UniqueConstraint(fields=["log", "uuid", "kind", "number", "appears_at"], name="one_entry_per_event"),
            # Of each kind. Withdrawals have no number, because an item can be withdrawn again.
            models.UniqueConstraint(
                fields=["log", "uuid", "kind", "number"],
                condition=Q(number__gt=0, is_repeated=False),
                name="one_entry_per_version",
            ),
            models.CheckConstraint(
                condition=Q(position=None, leaf_hash="", added_at=None)
                | (Q(position__isnull=False, added_at__isnull=False) & ~Q(leaf_hash="")),
                name="entry_has_a_hash_with_its_position",
            ),
        ]
        indexes = [models.Index(fields=["appears_at"], condition=Q(position=None), name="waiting_entry_by_time")]

    def __str__(self) -> str:
        return self.leaf

    @property
    def data(self) -> JsonObject:
        """What the leaf says."""
        data: JsonObject = json.loads(self.leaf)
        return data


class Subtree(models.Model):
    """The hash of a complete subtree of 256 entries (level 1), 65,536 entries (level 2) …: what tiles are made of."""

    log = models.ForeignKey(Log, models.CASCADE, related_name="subtrees")
    level = models.PositiveSmallIntegerField()
    index = models.PositiveBigIntegerField()
    hash = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["log", "level", "index"], name="one_hash_per_subtree")]

    def __str__(self) -> str:
        return f"{self.log_id}: level {self.level}, {self.index}"


class LogKey(AppendOnly):
    """A public key of a log, and from which size on its checkpoints are signed with it."""

    log = models.ForeignKey(Log, models.PROTECT, related_name="keys")
    verifier_key = models.CharField(max_length=300)
    from_size = models.PositiveBigIntegerField()
    created_at = models.DateTimeField(default=timezone.now)

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["log", "verifier_key"], name="one_row_per_log_key")]

    def __str__(self) -> str:
        return self.verifier_key


class Checkpoint(AppendOnly):
    """The state of a log, signed by the publication. `note` has its signature; witnesses add theirs beside it."""

    log = models.ForeignKey(Log, models.PROTECT, related_name="checkpoints")
    size = models.PositiveBigIntegerField()
    note = models.TextField()
    created_at = models.DateTimeField(default=timezone.now)

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["log", "size"], name="one_checkpoint_per_size")]

    def __str__(self) -> str:
        return f"{self.log}: {self.size}"

    @property
    def signed(self) -> Note:
        return Note.parse(self.note)

    @property
    def head(self) -> Head:
        return Head.parse(self.signed.text)

    @property
    def cosigned(self) -> str:
        """The note with the signatures of the witnesses that have confirmed this state."""
        return self.note + "".join(f"{row.line}\n" for row in self.cosignatures.newest())
