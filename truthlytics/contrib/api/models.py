"""Keys of the API: those of the publication, and those of readers."""

import hashlib
import re
import secrets
from collections.abc import Collection
from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from truthlytics.web.users import User

PREFIX = "tlk_"
_FORM = re.compile(rf"{PREFIX}[A-Za-z0-9_-]{{43}}")
# Characters of a key by which its owner recognises it. They tell 36 of its 256 bits.
START_LENGTH = len(PREFIX) + 6
MAX_NAME_LENGTH = 100


class Scope(models.TextChoices):
    """What a key of the publication allows beside what visitors read. The labels say what it gives away."""

    ARTICLES = "articles:full", _("It reads the whole text of every article, also of those for subscribers.")
    READERS = (
        "readers:read",
        _("It reads the names, email addresses and access of all readers, and what features add."),
    )
    PAYMENTS = "payments:read", _("It reads all payments, with the number of the reader who paid.")
    COMMENTS = "comments:read", _("It reads all comments, also those that wait for a moderator, with their writers.")
    STATISTICS = (
        "statistics:read",
        _("It reads how often articles were read, and how many subscriptions and comments there were."),
    )


def digest_of(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


class KeyQuerySet(models.QuerySet["Key"]):
    def active(self) -> Self:
        return self.filter(revoked_at=None)

    def of_publication(self) -> Self:
        return self.active().filter(reader=None)

    def of_reader(self, reader: User) -> Self:
        return self.active().filter(reader=reader.pk)

    def matching(self, key: str) -> "Key | None":
        """Return the row of an active `key`, with its reader. One query, and none for what cannot be a key.

        The look-up compares digests, so its time tells nothing about keys that exist.
        """
        if not _FORM.fullmatch(key):
            return None
        return self.active().select_related("reader").filter(digest=digest_of(key)).first()

    def issue(
        self, *, name: str, scopes: Collection[str] = (), reader: User | None = None, created_by: User | None = None
    ) -> tuple["Key", str]:
        """Add a key of the publication, or of `reader`. Returns its row and the key, which is stored nowhere."""
        key = f"{PREFIX}{secrets.token_urlsafe(32)}"
        row = self.create(
            name=name, start=key[:START_LENGTH], digest=digest_of(key), scopes=sorted(scopes), reader=reader,
            created_by=created_by,
        )  # fmt: skip
        return row, key


class Key(models.Model):
    """A key. `reader` reads with it what they may read at that moment; without one, it allows its `scopes`."""

    name = models.CharField(_("name"), max_length=MAX_NAME_LENGTH)
    start = models.CharField(max_length=START_LENGTH, editable=False)
    # SHA-256. The key has 256 random bits, so no slower function is needed.
    digest = models.CharField(max_length=64, unique=True, editable=False)
    scopes: models.JSONField[list[str]] = models.JSONField(default=list, blank=True)
    reader = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.DB_CASCADE, null=True, blank=True, editable=False, related_name="api_keys"
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.DB_SET_NULL, null=True, blank=True, editable=False, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = KeyQuerySet.as_manager()

    class Meta:
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")
        ordering = ["name", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(reader=None) | Q(scopes=[]), name="key_of_a_reader_has_no_scopes")
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.start}…)"

    def revoke(self, now: datetime) -> None:
        self.revoked_at = now
        self.save(update_fields=["revoked_at"])
