"""The index of published texts by the words in them. Derived from the contents of versions."""

from datetime import datetime
from typing import Any, Self

from django.db import models
from django.db.models import Q

from articles.models.publishable import not_withdrawn


class IndexedTextQuerySet(models.QuerySet["IndexedText"]):
    def of(self, name: str, pk: int) -> Self:
        """Return the rows of an item. `name` is "article", "page" or "dossier"."""
        return self.filter(**{name: pk})

    def served(self, now: datetime) -> Self:
        """Return the rows of the items that readers can see, with the access that applies at `now`."""
        return self.filter(
            Q(served_from=None) | Q(served_from__lte=now),
            Q(served_until=None) | Q(served_until__gt=now),
            *(not_withdrawn(now, f"{name}__") for name in IndexedText.ITEMS),
        )


class IndexedText(models.Model):
    """All versions of an item, as readers may read them while they get a certain one of these.

    An item has one row, and while a version is scheduled a second one, from its time on.
    """

    ITEMS = ("article", "page", "dossier")

    # Four bytes, since it is in millions of rows.
    id = models.AutoField(primary_key=True)
    article = models.ForeignKey("articles.Article", models.DB_CASCADE, null=True, related_name="+")
    page = models.ForeignKey("articles.Page", models.DB_CASCADE, null=True, related_name="+")
    dossier = models.ForeignKey("articles.Dossier", models.DB_CASCADE, null=True, related_name="+")
    served_from = models.DateTimeField(null=True)
    served_until = models.DateTimeField(null=True)
    # The number of the newest version in the record, and how many there are.
    newest = models.PositiveIntegerField()
    count = models.PositiveSmallIntegerField()
    # Whether everyone may read all of every version.
    is_free = models.BooleanField()

    objects = IndexedTextQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(article__isnull=False, page=None, dossier=None)
                | Q(article=None, page__isnull=False, dossier=None)
                | Q(article=None, page=None, dossier__isnull=False),
                name="indexed_text_of_one_item",
            )
        ]

    def __str__(self) -> str:
        return f"article {self.article_id}, page {self.page_id} or dossier {self.dossier_id}"

    @property
    def item(self) -> tuple[str, str]:
        """The name of the type of item, and the slug."""
        row: Any
        name, row = next((name, row) for name in self.ITEMS if (row := getattr(self, name)) is not None)
        return name, row.slug


class Fingerprint(models.Model):
    """The hash of a few words in a row, in the versions `first` to `last` of a text, as readers count them."""

    pk = models.CompositePrimaryKey("hash", "text_id", "first")
    hash = models.BigIntegerField()
    text = models.ForeignKey(IndexedText, models.DB_CASCADE, related_name="fingerprints")
    first = models.PositiveSmallIntegerField()
    last = models.PositiveSmallIntegerField()

    def __str__(self) -> str:
        return f"{self.hash} in versions {self.first} to {self.last} of text {self.text_id}"


class IndexProgress(models.Model):
    """How far the texts of one type of item have been added to the index that were published before it existed.

    Those with a primary key below `next_pk` are missing; None if it has not begun.
    """

    item = models.CharField(max_length=8, unique=True)
    created_at = models.DateTimeField()
    next_pk = models.BigIntegerField(null=True)

    def __str__(self) -> str:
        return f"{self.item} below {self.next_pk}"
