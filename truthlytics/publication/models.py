"""The row of the publication's settings."""

from typing import Any
from zoneinfo import available_timezones

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from truthlytics.publication.current import publication_changed

LANGUAGES = [("en-gb", "English"), ("de", "Deutsch")]


def default_time_zone() -> str:
    return settings.TIME_ZONE


def validate_time_zone(name: str) -> None:
    if name not in available_timezones():
        raise ValidationError(_("There is no time zone of this name."))


class Publication(models.Model):
    """The publication, in one row. Read it with `get_publication()`."""

    class WhoMayComment(models.TextChoices):
        SUBSCRIBERS = "subscribers", _("Subscribers")
        READERS = "readers", _("Every registered reader")

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    name = models.CharField(_("name"), max_length=60, default="Truthlytics")
    tagline = models.CharField(
        _("tagline"), max_length=120, blank=True, default="News and analysis on the record",
        help_text=_("A few words after the name in the front page’s title."),
    )  # fmt: skip
    description = models.CharField(
        _("description"), max_length=300, blank=True,
        default="Independent news and analysis that shows its sources and every change.",
        help_text=_("One sentence for search engines, feeds and link previews."),
    )  # fmt: skip
    logo = models.FileField(_("logo"), upload_to="publication/", max_length=200, blank=True)
    logo_dark = models.FileField(_("logo for dark mode"), upload_to="publication/", max_length=200, blank=True)
    favicon = models.FileField(_("icon"), upload_to="publication/", max_length=200, blank=True)
    social_image = models.FileField(_("image for link previews"), upload_to="publication/", max_length=200, blank=True)
    accent = models.CharField(_("accent colour"), max_length=7, blank=True)
    accent_dark = models.CharField(_("accent colour in dark mode"), max_length=7, blank=True)
    publisher = models.CharField(
        _("publisher"), max_length=150, blank=True,
        help_text=_("The company, association or person responsible. Blank: the publication’s name."),
    )  # fmt: skip
    legal_address = models.TextField(_("legal address"), max_length=600, blank=True)
    contact_email = models.EmailField(_("contact address"), blank=True)
    tips_email = models.EmailField(
        _("address for tips"), blank=True, help_text=_("Blank: tips are kept in the newsroom.")
    )
    social_profiles = models.TextField(
        _("social profiles"), max_length=1000, blank=True, help_text=_("One URL per line.")
    )
    time_zone = models.CharField(
        _("time zone"), max_length=64, default=default_time_zone, validators=[validate_time_zone]
    )
    language = models.CharField(_("language"), max_length=10, choices=LANGUAGES, default="en-gb")
    default_access = models.PositiveSmallIntegerField(
        _("access to new articles"), default=0, help_text=_("One of articles.access.Level.")
    )
    comments_open = models.BooleanField(_("open comments on new articles"), default=True)
    comments_close_after_days = models.PositiveSmallIntegerField(
        _("close comments after (days)"), null=True, blank=True, help_text=_("Blank: never.")
    )
    who_may_comment = models.CharField(
        _("who may comment"), max_length=12, choices=WhoMayComment, default=WhoMayComment.SUBSCRIBERS
    )
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        app_label = "truthlytics"
        verbose_name = _("settings")
        verbose_name_plural = _("settings")
        constraints = [models.CheckConstraint(condition=Q(id=1), name="publication_is_one_row")]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        super().save(*args, **kwargs)
        publication_changed()

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        deleted = super().delete(*args, **kwargs)
        publication_changed()
        return deleted

    @property
    def publisher_name(self) -> str:
        return self.publisher or self.name

    @property
    def profile_urls(self) -> list[str]:
        return self.social_profiles.split()
