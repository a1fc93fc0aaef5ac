"""Reviews: who has checked a text, for what, and who answers for it."""

import secrets

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from articles.responsibility import ReviewedFor
from truthlytics.publication import get_publication
from truthlytics.web.append_only import AppendOnly, AppendOnlyQuerySet
from truthlytics.web.canonical_json import format_time
from truthlytics.web.types import JsonObject

ROLE_LENGTH = 60


def random_number() -> int:
    """Return a number of six digits, which says nothing about the account or about how many reviewers there are."""
    return 100_000 + secrets.randbelow(900_000)


class Reviewer(models.Model):
    """A user who reviews. `number` stays the same, and readers see it of those who do not want to be named."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="reviewer"
    )
    number = models.PositiveIntegerField(unique=True, default=random_number, editable=False)
    # As chosen with the last review; proposed with the next one.
    role = models.CharField(max_length=ROLE_LENGTH, blank=True)
    is_named = models.BooleanField(default=False)

    def __str__(self) -> str:
        return str(self.number)


class Review(AppendOnly):
    """A review of the text of an article, page or dossier. Never changed. Dossiers have no revisions.

    `name` is empty unless the reviewer wanted to be named. `responsible` is the person or company that answers for
    the text.
    """

    article = models.ForeignKey("articles.Article", models.CASCADE, null=True, related_name="reviews")
    page = models.ForeignKey("articles.Page", models.CASCADE, null=True, related_name="reviews")
    dossier = models.ForeignKey("articles.Dossier", models.CASCADE, null=True, related_name="reviews")
    reviewer = models.ForeignKey(Reviewer, models.PROTECT, related_name="reviews")
    reviewed_at = models.DateTimeField(default=timezone.now)
    # Some of ReviewedFor, in its order.
    checked = models.JSONField()
    name = models.CharField(max_length=200, blank=True)
    role = models.CharField(max_length=ROLE_LENGTH)
    responsible = models.CharField(max_length=200, blank=True)
    # See `responsibility.text_digest`. Never public: without a salt, it could confirm a guess at removed words.
    text_digest = models.CharField(max_length=64)
    revision_number = models.PositiveIntegerField(default=0)

    objects = AppendOnlyQuerySet["Review"].as_manager()

    class Meta:
        ordering = ["-reviewed_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(article__isnull=False, page=None, dossier=None)
                | Q(article=None, page__isnull=False, dossier=None)
                | Q(article=None, page=None, dossier__isnull=False),
                name="review_belongs_to_one",
            )
        ]

    def __str__(self) -> str:
        return f"{self.who}: {self.what}"

    def as_content(self, text_digest: str) -> JsonObject:
        """Return what a version with the text of this digest keeps of the review."""
        return {
            "at": format_time(self.reviewed_at),
            "checked": self.checked,
            "name": self.name,
            "role": self.role,
            "reviewer": self.reviewer.number,
            "responsible": self.responsible,
            "of_this_text": self.text_digest == text_digest,
        }

    @property
    def who(self) -> str:
        return reviewer_label(self.name, self.role, self.reviewer.number)

    @property
    def what(self) -> str:
        return checked_labels(self.checked)


def responsible(name: str) -> str:
    """Return who answers for a text that was reviewed under this name; "" if that is not known.

    Without a name it is the publisher that the settings name.
    """
    return name or get_publication().publisher


def reviewer_label(name: str, role: str, number: int) -> str:
    """Return the name and role of a reviewer, or the role and the number of one who is not named."""
    if name:
        return f"{name} ({role})"
    return _("%(role)s no. %(number)d") % {"role": role, "number": number}


def checked_labels(checked: list[str]) -> str:
    return ", ".join(str(ReviewedFor(value).label) for value in checked if value in ReviewedFor.values)
