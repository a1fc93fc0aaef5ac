"""Share links: anyone who has one can read a draft without an account."""

import secrets
from datetime import datetime
from typing import Self

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.db import models
from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils import timezone

from articles.models.publishable import not_withdrawn
from articles.models.versions import Version
from truthlytics.web.users import User

# URLs contain the signed key, so that the keys in the database alone open nothing.
_SIGNER = Signer(salt="articles.sharing", sep=".")
MAX_NAME_LENGTH = 80


def new_key() -> str:
    return secrets.token_urlsafe(16)


class ShareLinkQuerySet(models.QuerySet["ShareLink"]):
    def of_token(self, token: str) -> Self:
        """Return the link that `token` was signed for, if any. A forged token causes no query."""
        try:
            return self.filter(key=_SIGNER.unsign(token))
        except BadSignature:
            return self.none()

    def before_publication(self, now: datetime | None = None) -> Self:
        """Return the links to texts that were not published since the link was created."""
        published = Version.objects.was_public(now).filter(
            article=OuterRef("article"), number__gt=OuterRef("newest_public")
        )
        return self.filter(~Exists(published))

    def active(self, now: datetime | None = None) -> Self:
        """Return the links that work: not expired, not revoked, the draft unpublished and the article not withdrawn."""
        now = now or timezone.now()
        unpublished = self.before_publication(now)
        return unpublished.filter(not_withdrawn(now, "article__"), expires_at__gt=now, revoked_at=None)


class ShareLink(models.Model):
    """Gives anyone with its URL access to the saved draft of an article, until it is published, expires or is revoked.

    The creator's name is kept when the account is deleted.
    """

    article = models.ForeignKey("articles.Article", models.CASCADE, related_name="share_links")
    key = models.CharField(max_length=32, unique=True, default=new_key, editable=False)
    # The number of the newest version that was public when the link was created: the next one ends it.
    newest_public = models.PositiveIntegerField(default=0, editable=False)
    name = models.CharField(max_length=MAX_NAME_LENGTH, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    created_by_name = models.CharField(max_length=MAX_NAME_LENGTH)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")

    objects = ShareLinkQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return self.name or f"link by {self.created_by_name}"

    def get_absolute_url(self) -> str:
        return reverse("articles:draft", args=[self.token])

    @property
    def token(self) -> str:
        return _SIGNER.sign(self.key)

    def state(self, now: datetime | None = None) -> str:
        """Return "open", "ended" or "revoked"; see `before_publication` for the end by publication."""
        if self.revoked_at is not None:
            return "revoked"
        return "open" if self.expires_at > (now or timezone.now()) else "ended"

    def revoke(self, *, by: User) -> None:
        """Revoke the link. If it is revoked already, keep the first user and time."""
        ShareLink.objects.filter(pk=self.pk, revoked_at=None).update(revoked_at=timezone.now(), revoked_by=by)
        self.refresh_from_db(fields=["revoked_at", "revoked_by"])
