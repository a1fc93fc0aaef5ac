"""Saved blocks: standing boxes that editors insert into texts."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from articles.richtext.vocabulary import ProseField, parse
from truthlytics.web.text import shorten
from truthlytics.web.users import User

EXCERPT_LENGTH = 160


class SavedBlock(models.Model):
    """Blocks of an article body under a name. A text gets a copy: later changes here do not reach it."""

    name = models.CharField(_("name"), max_length=80)
    body: "models.TextField[str, str]" = ProseField(_("text"))
    created_at = models.DateTimeField(_("saved"), default=timezone.now, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, editable=False, related_name="+",
        verbose_name=_("saved by"),
    )  # fmt: skip

    class Meta:
        ordering = ["name", "pk"]
        verbose_name = _("saved block")
        verbose_name_plural = _("saved blocks")
        constraints = [
            models.UniqueConstraint(
                fields=["name"],
                name="saved_block_name_unique",
                violation_error_message=_("There is a saved block with this name already. Choose another name."),
            ),
            models.CheckConstraint(condition=~Q(body=""), name="saved_block_not_empty"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def excerpt(self) -> str:
        """The beginning of the text, without markup."""
        return shorten(" ".join(" ".join(parse(self.body).itertext()).split()), EXCERPT_LENGTH)

    def belongs_to(self, user: User) -> bool:
        return self.created_by_id is not None and self.created_by_id == user.pk
