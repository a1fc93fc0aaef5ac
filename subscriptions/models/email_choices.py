"""Which emails a user has turned off. Emails about the account itself are always sent."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class EmailKind(models.TextChoices):
    """The emails that can be turned off: those about comments, for everyone, and those of the newsroom, for staff.

    The kinds about comments are those of `comments.models.Notification`.
    """

    REPLY = "reply", _("Replies to your comments")
    MENTION = "mention", _("Comments that mention you")
    FOLLOWED = "followed", _("New comments on articles that you follow")
    WORKFLOW = "workflow", _("Steps of articles: sent to review, returned, ready, assigned to you")
    REMARKS = "remarks", _("Remarks on drafts that mention you or come from readers of a share link")


STAFF_KINDS = (EmailKind.WORKFLOW, EmailKind.REMARKS)


class EmailOptOut(models.Model):
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="email_opt_outs")
    kind = models.CharField(max_length=20, choices=EmailKind)
    since = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "kind"], name="one_opt_out_per_email_kind")]

    def __str__(self) -> str:
        return self.get_kind_display()
