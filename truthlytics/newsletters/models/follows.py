"""What addresses follow, and what they got because of it."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import reduce
from operator import or_

from django.db import models
from django.db.models import Q
from django.utils import timezone

from truthlytics.newsletters.models.addresses import Address
from truthlytics.newsletters.models.followed_kinds import KINDS

# A name in KINDS and an id.
Followed = tuple[str, int]


def only_followed(name: str) -> Q:
    """Return the condition that `name` is followed and nothing else."""
    return Q(**{f"{other}__isnull": other != name for other in KINDS})


class Follow(models.Model):
    """Something that an address gets new articles of: one of KINDS."""

    address = models.ForeignKey(Address, models.CASCADE, related_name="follows")
    author = models.ForeignKey("articles.Author", models.CASCADE, null=True, blank=True, related_name="+")
    topic = models.ForeignKey("articles.Topic", models.CASCADE, null=True, blank=True, related_name="+")
    section = models.ForeignKey("articles.Section", models.CASCADE, null=True, blank=True, related_name="+")
    series = models.ForeignKey("articles.Series", models.CASCADE, null=True, blank=True, related_name="+")
    dossier = models.ForeignKey("articles.Dossier", models.CASCADE, null=True, blank=True, related_name="+")
    since = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=reduce(or_, map(only_followed, KINDS)), name="follows_one_thing"),
            *(models.UniqueConstraint(fields=["address", name], name=f"follows_{name}_once") for name in KINDS),
        ]

    def __str__(self) -> str:
        return f"{self.address}: {self.followed}"

    @property
    def followed(self) -> Followed:
        """What is followed."""
        return next((name, pk) for name in KINDS if (pk := getattr(self, f"{name}_id")) is not None)


def names_of(followed: Iterable[Followed], now: datetime) -> dict[Followed, str]:
    """Return the names that readers know of what is followed; nothing if there is none. One query for each kind."""
    ids: dict[str, list[int]] = {}
    for name, pk in followed:
        ids.setdefault(name, []).append(pk)
    return {(name, pk): text for name, pks in ids.items() for pk, text in KINDS[name].names(pks, now).items()}


def labels_of(names: Mapping[Followed, str]) -> dict[Followed, str]:
    """Return what a reader of each of these gets."""
    return {(kind, pk): str(KINDS[kind].label) % {"name": name} for (kind, pk), name in names.items()}


class FollowedEmail(models.Model):
    """An article that an address got because it follows something: never the same one twice."""

    address = models.ForeignKey(Address, models.CASCADE, related_name="followed_emails")
    article = models.ForeignKey("articles.Article", models.CASCADE, related_name="+")
    sent_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["address", "article"], name="followed_article_sent_once")]
        indexes = [models.Index(fields=["sent_at"], name="followed_email_by_date")]

    def __str__(self) -> str:
        return f"{self.address}: {self.article}"
