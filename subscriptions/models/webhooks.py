"""Messages of payment providers about what is not ours."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import F


class IgnoredWebhookQuerySet(models.QuerySet["IgnoredWebhook"]):
    def count_one(self, provider: str, kind: str, now: datetime) -> None:
        """Count a message. Safe to call concurrently."""
        same = self.filter(provider=provider, kind=kind)
        counted = {"number": F("number") + 1, "last_at": now}
        if not same.update(**counted):
            row, created = self.get_or_create(
                provider=provider, kind=kind, defaults={"number": 1, "first_at": now, "last_at": now}
            )
            if not created:
                self.filter(pk=row.pk).update(**counted)

    def of(self, provider: str) -> Self:
        return self.filter(provider=provider)


class IgnoredWebhook(models.Model):
    """How many messages were about objects of another application with the same account, by what they are about."""

    provider = models.CharField(max_length=20)
    kind = models.CharField(max_length=20)
    number = models.PositiveBigIntegerField(default=0)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()

    objects = IgnoredWebhookQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["provider", "kind"], name="one_count_of_ignored_webhooks")]

    def __str__(self) -> str:
        return f"{self.provider} {self.kind}: {self.number}"
