"""What the editor stores for an article or page: revisions, autosaved changes, and who has it open."""

from datetime import datetime, timedelta
from typing import Any, Self
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import RowNumber
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

PRESENCE_TIMEOUT = timedelta(seconds=60)


class Editable:
    """Mixin for models that can be autosaved: the row is created by the first autosave, before it is ever saved."""

    uuid: UUID
    revision_number: Any
    slug: Any
    autosaves: object

    @staticmethod
    def placeholder_slug(key: UUID) -> str:
        """Return the slug of a row that was autosaved but never saved."""
        return f"draft-{key.hex[:16]}"

    @property
    def is_placeholder(self) -> bool:
        """Whether the row was created by an autosave and never saved since."""
        return bool(self.revision_number == 0 and self.slug == self.placeholder_slug(self.uuid))


class EditorRow(models.Model):
    """Base of the rows below. Each belongs to an article or to a page."""

    article = models.ForeignKey("articles.Article", models.CASCADE, null=True, blank=True, related_name="%(class)ss")
    page = models.ForeignKey("articles.Page", models.CASCADE, null=True, blank=True, related_name="%(class)ss")

    class Meta:
        abstract = True

    @property
    def item(self) -> Any:
        """The article or page."""
        return self.article if self.article_id is not None else self.page


def belongs_to_one(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=Q(article__isnull=False, page=None) | Q(article=None, page__isnull=False),
        name=name,
        violation_error_message=_("Choose either an article or a page."),
    )


class RevisionQuerySet(models.QuerySet["Revision"]):
    def saved(self) -> Self:
        """Return the revisions that were saved, without texts that were set aside in a merge."""
        return self.filter(set_aside=False)

    def prunable(self, *, before: datetime, keep_last: int) -> Self:
        """Return unnamed revisions older than `before`, except the newest `keep_last` of each article or page."""
        partition = [F("article"), F("page")]
        rank = models.Window(RowNumber(), partition_by=partition, order_by=["-number", "-pk"])
        newest = Revision.objects.saved().annotate(rank=rank).filter(rank__lte=max(1, keep_last))
        return self.filter(created_at__lt=before, name="").exclude(pk__in=newest.values("pk"))


class Revision(EditorRow):
    """The working text as it was saved once, or (`set_aside`) a text that lost in a merge.

    Only the newsroom sees revisions, and old ones can be pruned. Published text is kept as versions.
    """

    number = models.PositiveIntegerField()
    set_aside = models.BooleanField(default=False)
    content = models.TextField()
    content_digest = models.CharField(max_length=64)
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    name = models.CharField(max_length=80, blank=True)

    objects = RevisionQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            belongs_to_one("revision_belongs_to_one"),
            models.UniqueConstraint(
                fields=["article", "number"],
                condition=Q(set_aside=False, article__isnull=False),
                name="revision_number_unique_per_article",
                violation_error_message=_("This article already has a revision with this number."),
            ),
            models.UniqueConstraint(
                fields=["page", "number"],
                condition=Q(set_aside=False, page__isnull=False),
                name="revision_number_unique_per_page",
                violation_error_message=_("This page already has a revision with this number."),
            ),
        ]

    def __str__(self) -> str:
        return f"revision {self.number} of {self.item}"


class Autosave(EditorRow):
    """One user's unsaved changes to an article or page: the form's fields, newest only.

    They are private to that user once the item was saved; until then, they are all that colleagues can read of it.
    `tab` identifies the browser tab that wrote them. Another tab of the same user must not overwrite them.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    form_data = models.TextField()
    based_on = models.PositiveIntegerField(
        default=0, help_text=_("The number of the revision the changes started from.")
    )
    tab = models.CharField(max_length=40, blank=True)
    sequence = models.PositiveIntegerField(default=0)
    saved_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            belongs_to_one("autosave_belongs_to_one"),
            models.UniqueConstraint(
                fields=["article", "user"],
                condition=Q(article__isnull=False),
                name="one_autosave_per_article_and_user",
                violation_error_message=_("This user already has unsaved changes to this article."),
            ),
            models.UniqueConstraint(
                fields=["page", "user"],
                condition=Q(page__isnull=False),
                name="one_autosave_per_page_and_user",
                violation_error_message=_("This user already has unsaved changes to this page."),
            ),
        ]

    def __str__(self) -> str:
        return f"unsaved changes to {self.item}"


class PresenceQuerySet(models.QuerySet["Presence"]):
    def active(self, now: datetime | None = None) -> Self:
        """Return the users with an editor that reported within the last minute."""
        return self.filter(seen_at__gt=(now or timezone.now()) - PRESENCE_TIMEOUT)


class Presence(EditorRow):
    """A user has an article or page open in the editor. Several tabs of one user share a row."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    seen_at = models.DateTimeField(default=timezone.now)

    objects = PresenceQuerySet.as_manager()

    class Meta:
        constraints = [
            belongs_to_one("presence_belongs_to_one"),
            models.UniqueConstraint(
                fields=["article", "user"],
                condition=Q(article__isnull=False),
                name="one_presence_per_article_and_user",
                violation_error_message=_("This user is already recorded as present."),
            ),
            models.UniqueConstraint(
                fields=["page", "user"],
                condition=Q(page__isnull=False),
                name="one_presence_per_page_and_user",
                violation_error_message=_("This user is already recorded as present."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} at {self.item}"
