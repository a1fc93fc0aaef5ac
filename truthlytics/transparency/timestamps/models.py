"""The tables of time stamps."""

from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from truthlytics.transparency.witnesses.models import Asked
from truthlytics.web.append_only import AppendOnly, AppendOnlyQuerySet


class TimestampAuthority(Asked):
    """A server that signs the time at which it sees something. `certificate` is the root that its signer hangs from."""

    certificate = models.TextField(_("root certificate"))

    class Meta:
        constraints = [models.UniqueConstraint(fields=["address"], name="one_authority_per_address")]


class Timestamp(AppendOnly):
    """The answer of an authority about the note of a checkpoint (with our signature only), as it came."""

    checkpoint = models.ForeignKey("transparency.Checkpoint", models.PROTECT, related_name="timestamps")
    authority = models.ForeignKey(TimestampAuthority, models.PROTECT, related_name="timestamps")
    response = models.BinaryField()
    # The time that it states, and when it was asked.
    stamped_at = models.DateTimeField()
    created_at = models.DateTimeField(default=timezone.now)

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["checkpoint", "authority"], name="one_timestamp_per_authority")]

    def get_absolute_url(self) -> str:
        """Return the address of the file, for `openssl ts`."""
        log, arguments = self.checkpoint.log, [self.checkpoint.size, self.authority_id]
        return reverse("transparency:timestamp", args=arguments if log.number == 1 else [log.number, *arguments])

    def __str__(self) -> str:
        return f"{self.authority}: {self.stamped_at:%Y-%m-%d %H:%M}"
