"""Email addresses of the writers of imported comments. Only `comments.services.claiming` reads them."""

from typing import Self

from allauth.account.models import EmailAddress
from django.db import models
from django.db.models.functions import Lower

from comments.models.comments import Comment
from truthlytics.web.users import User


class ImportedEmailQuerySet(models.QuerySet["ImportedEmail"]):
    def of(self, user: User) -> Self:
        """Those that `user` has confirmed to own."""
        confirmed = EmailAddress.objects.filter(user=user.pk, verified=True).annotate(lower=Lower("email"))
        return self.filter(email__in=confirmed.values("lower"), comment__author=None)


class ImportedEmail(models.Model):
    """The address that the writer of an imported comment gave to the old site, in lower case.

    Kept only if the operator asks for it, so that its owner can claim the comment, and deleted once they have. Never
    shown to anybody else.
    """

    comment = models.OneToOneField(Comment, models.CASCADE, primary_key=True, related_name="+")
    email = models.EmailField(max_length=254, db_index=True)

    objects = ImportedEmailQuerySet.as_manager()

    def __str__(self) -> str:
        return f"Email address of comment {self.comment_id}"
