"""Agents with known keys, and what each crawler has fetched by day."""

import base64
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import NamedTuple, Self

from django.db import models, transaction
from django.db.models import F, Sum
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from truthlytics.crawlers.signatures import Key
from truthlytics.publication.current import publication_changed
from truthlytics.web.agents import Agent, Kind

# Days of which the numbers are kept.
DAYS = 30
KINDS = {
    Kind.SEARCH: _("Search engine"),
    Kind.ASSISTANT: _("Assistant"),
    Kind.TRAINING: _("Training of AI"),
}


class SignedAgentQuerySet(models.QuerySet["SignedAgent"]):
    def known_keys(self) -> dict[str, Key]:
        """Return the keys of all agents by their thumbprint. Of two agents with one key, it is the older one's."""
        return {str(key["thumbprint"]): row.key_of(key) for row in self.order_by("-pk") for key in row.keys}


class SignedAgent(models.Model):
    """An agent that signs its requests. Its keys were pasted, or are fetched from `host`.

    `keys` is a list of objects with `thumbprint`, `x` (the public key), `nbf` and `exp` (seconds, 0 for no limit).
    """

    class Problem(models.TextChoices):
        UNREACHABLE = "unreachable", _("It does not answer.")
        NOT_PUBLIC = "not_public", _("Its address is not public.")
        NO_DIRECTORY = "no_directory", _("It answers without a key directory.")

    name = models.CharField(_("name"), max_length=60)
    kind = models.CharField(_("kind"), max_length=10, choices=list(KINDS.items()))
    host = models.CharField(_("site of the agent"), max_length=255, blank=True)
    keys = models.JSONField(default=list)
    fetch_at = models.DateTimeField(null=True, help_text="When the keys are fetched next; empty if they were pasted.")
    fetched_at = models.DateTimeField(null=True)
    problem = models.CharField(max_length=12, choices=Problem, blank=True, default="")

    objects = SignedAgentQuerySet.as_manager()

    class Meta:
        app_label = "truthlytics"
        ordering = ["name"]
        verbose_name = _("signed agent")
        verbose_name_plural = _("signed agents")
        constraints = [
            models.UniqueConstraint(
                Lower("name"),
                name="one_signed_agent_by_name",
                violation_error_message=_("An agent with this name is in the list. Remove that one first."),
            )
        ]

    def __str__(self) -> str:
        return self.name

    def key_of(self, key: Mapping[str, object]) -> Key:
        public = str(key["x"])
        decoded = base64.urlsafe_b64decode(public + "=" * (-len(public) % 4))
        return Key(Agent(self.name, Kind(self.kind)), decoded, float(str(key["nbf"])), float(str(key["exp"])))

    def record_keys(self, keys: list[dict[str, object]], now: datetime, fetch_at: datetime) -> None:
        """Keep what was fetched. Only other keys are a change of which the web processes have to hear."""
        is_changed = keys != self.keys
        self.keys, self.fetched_at, self.fetch_at, self.problem = keys, now, fetch_at, ""
        if is_changed:
            self.save()
            publication_changed()
        else:
            self._update(fetched_at=now, fetch_at=fetch_at, problem="")

    def record_failure(self, problem: str, fetch_at: datetime) -> None:
        """Say why the keys could not be fetched. Those that are known stay."""
        self.problem, self.fetch_at = problem, fetch_at
        self._update(problem=problem, fetch_at=fetch_at)

    def ask_for_keys(self, now: datetime) -> None:
        """Let `tick` fetch the keys again."""
        self.fetch_at = now
        self._update(fetch_at=now)

    def _update(self, **columns: object) -> None:
        type(self).objects.filter(pk=self.pk).update(**columns)


class Fetched(NamedTuple):
    """Requests of a crawler: all, those that were refused, and those with a forged signature."""

    requests: int = 0
    refused: int = 0
    forged: int = 0

    def plus(self, other: Self) -> Self:
        return type(self)(*(mine + its for mine, its in zip(self, other, strict=True)))


class CrawlerDayQuerySet(models.QuerySet["CrawlerDay"]):
    @transaction.atomic
    def add(self, day: date, found: Mapping[str, Fetched]) -> None:
        """Add to what is known of these crawlers on `day`, and delete days that are no longer shown."""
        self.filter(day__lte=day - timedelta(days=DAYS)).delete()
        # Always in the same order, so that two processes do not wait for each other.
        names = sorted(found)
        self.bulk_create([CrawlerDay(day=day, name=name) for name in names], ignore_conflicts=True)
        for name in names:
            more = found[name]
            self.filter(day=day, name=name).update(
                requests=F("requests") + more.requests,
                refused=F("refused") + more.refused,
                forged=F("forged") + more.forged,
            )

    def totals(self, today: date) -> list[tuple[str, Fetched]]:
        """Return each crawler of the last `DAYS` days with its sums, the busiest first."""
        rows = self.filter(day__gt=today - timedelta(days=DAYS), day__lte=today).values_list("name")
        sums = rows.annotate(all=Sum("requests"), of_refused=Sum("refused"), of_forged=Sum("forged"))
        return [(name, Fetched(*numbers)) for name, *numbers in sums.order_by("-all", "-of_forged", "name")]

    def of(self, name: str, today: date) -> Self:
        """The last `DAYS` days of a crawler, the newest first."""
        return self.filter(name=name, day__gt=today - timedelta(days=DAYS), day__lte=today).order_by("-day")


class CrawlerDay(models.Model):
    """The requests of a crawler on a day. There are as many rows as known names, and no address or page is in them."""

    day = models.DateField(help_text="In the time zone of the settings.")
    name = models.CharField(max_length=60)
    requests = models.PositiveBigIntegerField(default=0)
    refused = models.PositiveBigIntegerField(default=0)
    forged = models.PositiveBigIntegerField(default=0)

    objects = CrawlerDayQuerySet.as_manager()

    class Meta:
        app_label = "truthlytics"
        constraints = [models.UniqueConstraint(fields=["day", "name"], name="one_crawler_day")]

    def __str__(self) -> str:
        return self.name
