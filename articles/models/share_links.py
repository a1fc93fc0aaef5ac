"""Links by which somebody without an account reads a draft."""

import secrets
from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

# In the address: a sign of our own makes a key a token, so what stands in the database opens nothing.
_SIGNER = Signer(salt="articles.sharing", sep=".")
LONGEST_NAME = 80


def new_key() -> str:
    return secrets.token_urlsafe(16)


class ShareLinkQuerySet(models.QuerySet["ShareLink"]):
    def of_token(self, token: str) -> Self:
        """The one link that `token` was signed for, or none; a forged token asks the database nothing."""
        try:
            return self.filter(key=_SIGNER.unsign(token))
        except BadSignature:
            return self.none()

    def active(self, now: datetime | None = None) -> Self:
        """Those that still lead somewhere: neither ended nor taken back, and the article not withdrawn."""
        now = now or timezone.now()
        there = Q(article__withdrawn_at=None) | Q(article__withdrawn_at__gt=now)
        return self.filter(there, expires_at__gt=now, revoked_at=None)


class ShareLink(models.Model):
    """Lets anybody who has its address read the saved draft of one article expires_at `expires_at`, or expires_at it is taken back.

    Who made it stays known by name when the account is gone.
    """

    article = models.ForeignKey("articles.Article", models.CASCADE, related_name="share_links")
    key = models.CharField(max_length=32, unique=True, default=new_key, editable=False)
    name = models.CharField(max_length=LONGEST_NAME, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    created_by_name = models.CharField(max_length=LONGEST_NAME)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")

    objects = ShareLinkQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return self.name or f"link of {self.created_by_name}"

    def get_absolute_url(self) -> str:
        return reverse("articles:draft", args=[self.token])

    @property
    def token(self) -> str:
        return _SIGNER.sign(self.key)

    def state(self, now: datetime | None = None) -> str:
        """One of open, ended, revoked."""
        if self.revoked_at is not None:
            return "revoked"
        return "open" if self.expires_at > (now or timezone.now()) else "ended"

    def revoke(self, *, by: Any) -> None:
        """It leads nowhere from now on; the first who takes it back stays the one who did."""
        ShareLink.objects.filter(pk=self.pk, revoked_at=None).update(revoked_at=timezone.now(), revoked_by=by)
        self.refresh_from_db(fields=["revoked_at", "revoked_by"])
