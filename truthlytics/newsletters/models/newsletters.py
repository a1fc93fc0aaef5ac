"""Newsletters: what they contain, which readers may get them, who sends them, and when digests appear."""

from typing import Any, Self

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from articles.access import Level
from truthlytics.publication import get_publication
from truthlytics.publication.colours import nearest_readable, schemes

# Addresses below /newsletters/ that are no newsletters.
RESERVED_SLUGS = {"sign-up", "confirm", "leave", "choices", "follow", "stop"}


def check_slug(slug: str) -> None:
    if slug in RESERVED_SLUGS:
        raise ValidationError(_("This address is used by the site itself. Choose another one."))


class NewsletterQuerySet(models.QuerySet["Newsletter"]):
    def offered(self) -> Self:
        """Return the newsletters that readers can sign up for."""
        return self.filter(is_offered=True)


class Newsletter(models.Model):
    class Schedule(models.TextChoices):
        BY_HAND = "", _("Only when an editor sends it")
        DAILY = "daily", _("A digest every day")
        WEEKLY = "weekly", _("A digest every week")

    # As in `datetime.date.weekday`.
    class Weekday(models.IntegerChoices):
        MONDAY = 0, _("Monday")
        TUESDAY = 1, _("Tuesday")
        WEDNESDAY = 2, _("Wednesday")
        THURSDAY = 3, _("Thursday")
        FRIDAY = 4, _("Friday")
        SATURDAY = 5, _("Saturday")
        SUNDAY = 6, _("Sunday")

    name = models.CharField(_("name"), max_length=100)
    slug = models.SlugField(_("slug"), max_length=80, unique=True, validators=[check_slug])
    description = models.CharField(
        _("description"), max_length=300, help_text=_("What readers get, and how often. Shown where they sign up.")
    )
    sender_name = models.CharField(
        _("sender’s name"), max_length=100, blank=True, help_text=_("Leave blank to use the publication’s.")
    )
    sender_address = models.EmailField(
        _("sender’s address"), blank=True, help_text=_("Without one, that of all other emails is used.")
    )
    reply_to = models.EmailField(
        _("address for replies"), blank=True, help_text=_("Without one, replies go to the contact address.")
    )
    required_level = models.PositiveSmallIntegerField(
        _("who may get it"),
        choices=Level,
        default=Level.EVERYONE,
        help_text=_("Others get nothing. Of an article, each reader gets the part that they may read."),
    )
    schedule = models.CharField(_("digest"), max_length=6, choices=Schedule, blank=True, default=Schedule.BY_HAND)
    weekday = models.PositiveSmallIntegerField(pgettext_lazy("weekday", "on"), choices=Weekday, null=True, blank=True)
    time = models.TimeField(
        pgettext_lazy("time of day", "at"), null=True, blank=True, help_text=_("In the publication’s time zone.")
    )
    sections = models.ManyToManyField(
        "articles.Section",
        blank=True,
        related_name="+",
        verbose_name=_("sections"),
        help_text=_("Digests contain articles of these sections only. Without any, they contain all."),
    )
    needs_approval = models.BooleanField(
        _("digests wait for approval"), default=False, help_text=_("Otherwise they are sent automatically.")
    )
    shows_pictures = models.BooleanField(
        _("pictures in digests"), default=True, db_default=True, help_text=_("The lead image beside each article.")
    )
    header = models.ForeignKey(
        "articles.Image",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="newsletter_headers",
        verbose_name=_("header picture"),
        help_text=_("At the top of each issue, as wide as its text."),
    )
    accent = models.CharField(
        _("accent colour"),
        max_length=7,
        blank=True,
        default="",
        db_default="",
        help_text=_("The colour of links and buttons, such as #0f5c47. Leave blank to use the publication’s."),
    )
    footer = models.TextField(
        _("footer"),
        max_length=600,
        blank=True,
        default="",
        db_default="",
        help_text=_("Plain text at the end of each issue. URLs become links."),
    )
    # Since when the schedule is as it is: digests of earlier times are not made.
    scheduled_since = models.DateTimeField(default=timezone.now, editable=False)
    is_offered = models.BooleanField(_("readers can sign up"), default=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0, validators=[MaxValueValidator(32767)])

    objects = NewsletterQuerySet.as_manager()

    class Meta:
        ordering = ["position", "name"]
        verbose_name = _("newsletter")
        verbose_name_plural = _("newsletters")
        constraints = [
            models.CheckConstraint(
                condition=Q(schedule="") | Q(time__isnull=False),
                name="digest_has_a_time",
                violation_error_message=_("Choose at what time the digest is sent."),
            ),
            models.CheckConstraint(
                condition=~Q(schedule="weekly") | Q(weekday__isnull=False),
                name="weekly_digest_has_a_weekday",
                violation_error_message=_("Choose the day on which the digest is sent."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.schedule != self.Schedule.WEEKLY:
            self.weekday = None
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("newsletters:newsletter", args=[self.slug])

    @property
    def accents(self) -> tuple[str, str]:
        """The accent colour in light and in dark mode: its own, or that of the publication."""
        return (self.accent, nearest_readable(self.accent, schemes()[1])) if self.accent else get_publication().accents

    @property
    def theme_url(self) -> str:
        """The path of the stylesheet with its own accent colour; "" without one."""
        return reverse("newsletters:theme", args=[self.slug, self.accent[1:]]) if self.accent else ""
