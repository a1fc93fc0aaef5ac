"""Which emails a user has turned off or on. Emails about the account itself are always sent."""

from typing import Any, NamedTuple

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from truthlytics.web import plugins
from truthlytics.web.users import User


class EmailKind(models.TextChoices):
    """The emails of the core that can be turned off or on.

    Those about comments are the kinds of `comments.models.Notification`. The columns have no choices, because features
    and plug-ins have kinds of their own.
    """

    REPLY = "reply", _("Replies to your comments")
    MENTION = "mention", _("Comments that mention you")
    FOLLOWED = "followed", _("New comments on articles that you follow")
    WORKFLOW = "workflow", _("Steps of articles: sent to review, returned, ready, assigned to you")
    REMARKS = "remarks", _("Remarks on drafts that mention you or come from readers of a share link")
    STATISTICS = "statistics", _("Statistics of the week: people, most read articles and where people came from")


class EmailGroup(NamedTuple):
    """Emails that are chosen together on the reader's page. With `is_opt_in`, only those who turn them on get them.

    Those with a `permission` are offered to users who have it.
    """

    title: Any
    kinds: tuple[models.TextChoices, ...]
    help_text: Any = ""
    is_for_staff: bool = False
    is_opt_in: bool = False
    permission: str = ""

    def is_for(self, user: User) -> bool:
        return (user.is_staff or not self.is_for_staff) and (not self.permission or user.has_perm(self.permission))


EMAIL_GROUPS = {
    "comments": EmailGroup(
        _("Emails about comments"),
        (EmailKind.REPLY, EmailKind.MENTION, EmailKind.FOLLOWED),
        _("At most one email an hour."),
    ),
    "newsroom": EmailGroup(
        _("Emails about work in the newsroom"), (EmailKind.WORKFLOW, EmailKind.REMARKS), is_for_staff=True
    ),
    "statistics": EmailGroup(
        _("Email with statistics"),
        (EmailKind.STATISTICS,),
        _("On Mondays."),
        is_for_staff=True,
        is_opt_in=True,
        permission="articles.publish_article",
    ),
}


def email_groups() -> dict[str, EmailGroup]:
    """Return the groups with those of features and plug-ins. Those for staff are the last."""
    groups = EMAIL_GROUPS | plugins.email_groups()
    return dict(sorted(groups.items(), key=lambda named: named[1].is_for_staff))


class EmailOptIn(models.Model):
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="email_opt_ins")
    kind = models.CharField(max_length=20)
    since = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "kind"], name="one_opt_in_per_email_kind")]

    def __str__(self) -> str:
        return self.kind


class EmailOptOut(models.Model):
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="email_opt_outs")
    kind = models.CharField(max_length=20)
    since = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "kind"], name="one_opt_out_per_email_kind")]

    def __str__(self) -> str:
        return self.kind
