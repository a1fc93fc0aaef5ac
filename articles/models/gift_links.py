"""Gift links: with one, anyone can read a gated article for two weeks. Nothing about those who open it is stored."""

import re
import secrets
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from truthlytics.web.read_counter import Totals, open_counter
from truthlytics.web.users import User

DURATION = timedelta(days=14)
PER_MONTH = 10
# The query parameter with the token. Pages requested with it are never cached.
PARAMETER = "gift"
_TOKEN = re.compile(r"[A-Za-z0-9_-]{22}")


def new_token() -> str:
    return secrets.token_urlsafe(16)


def month_of(now: datetime) -> date:
    """Return the first day of the calendar month, in the publication's time zone."""
    return timezone.localdate(now).replace(day=1)


class GiftLinkQuerySet(models.QuerySet["GiftLink"]):
    def of(self, giver: User) -> Self:
        return self.filter(giver=giver)

    def of_token(self, token: str) -> Self:
        """Return the link with `token`, if any, valid or not. A malformed token causes no query."""
        return self.filter(token=token) if _TOKEN.fullmatch(token) else self.none()

    def current(self) -> Self:
        """Return the newest link for each article and giver, which may have expired."""
        return self.filter(replaced_at=None)

    def valid(self, now: datetime) -> Self:
        return self.current().filter(created_at__gt=now - DURATION)

    def in_month(self, now: datetime) -> Self:
        return self.filter(month=month_of(now))

    def free_slots(self, now: datetime) -> Iterator[int]:
        """Yield the slots of this month that none of these links has."""
        taken = set(self.in_month(now).values_list("slot", flat=True))
        return (slot for slot in range(1, PER_MONTH + 1) if slot not in taken)

    def add_opens(self, totals: Totals) -> None:
        """Add to the number of times that each link was opened."""
        with transaction.atomic():
            for (_day, pk), number in sorted(totals.items()):
                self.filter(pk=pk).update(opens=F("opens") + number)

    def left(self, now: datetime) -> int:
        """Return how many more links the giver of these may create this month."""
        return PER_MONTH - self.in_month(now).count()


class GiftLink(models.Model):
    """A link to `article` from a subscriber. A new link for the same article replaces an expired one.

    Each link takes one of the ten slots of its giver in a month, so that the database limits their number. Replaced
    links keep theirs.
    """

    article = models.ForeignKey("articles.Article", models.CASCADE, related_name="gift_links")
    giver = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="gift_links")
    token = models.CharField(max_length=32, unique=True, default=new_token, editable=False)
    # What the article required when it was given: the link does not open a later version that requires more.
    level = models.PositiveSmallIntegerField()
    created_at = models.DateTimeField(default=timezone.now)
    replaced_at = models.DateTimeField(null=True, blank=True)
    month = models.DateField()
    slot = models.PositiveSmallIntegerField()
    opens = models.PositiveIntegerField(default=0)

    objects = GiftLinkQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["giver", "-created_at", "-id"], name="gift_links_by_giver")]
        constraints = [
            models.UniqueConstraint(
                fields=["article", "giver"],
                condition=Q(replaced_at=None),
                name="gift_link_once_per_article",
                violation_error_message=_("You have already given this article."),
            ),
            models.UniqueConstraint(
                fields=["giver", "month", "slot"],
                name="gift_link_slot_unique",
                violation_error_message=_("You have already given ten articles this month."),
            ),
            models.CheckConstraint(
                condition=Q(slot__gte=1, slot__lte=PER_MONTH),
                name="gift_link_slot_range",
                violation_error_message=_("You have already given ten articles this month."),
            ),
        ]

    def __str__(self) -> str:
        return gettext("Gift link to article %(number)s") % {"number": self.article_id}

    def get_absolute_url(self) -> str:
        return f"{self.article.get_absolute_url()}?{PARAMETER}={self.token}"

    @property
    def expires_at(self) -> datetime:
        return self.created_at + DURATION

    def is_valid(self, now: datetime) -> bool:
        # A concurrent request may have created it a moment after `now`.
        return self.replaced_at is None and now < self.expires_at

    def count_open(self) -> None:
        """Count that the link was opened. Saved a few seconds later: opening it must not wait for the database."""
        OPENS.count(self.pk)
        OPENS.ensure_running()


# The counter of this process. wsgi.py enables it.
OPENS = open_counter(GiftLink.objects.add_opens)
