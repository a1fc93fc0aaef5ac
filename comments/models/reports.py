"""Readers' reports of comments that break the rules."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from comments.models.comments import Comment


class Report(models.Model):
    class Reason(models.TextChoices):
        INSULT = "insult", _("Insults or threats")
        PRIVATE = "private", _("Private information")
        FALSE = "false", _("False information")
        ADVERT = "advert", _("Advertising")
        OTHER = "other", _("Something else")

    comment = models.ForeignKey(Comment, models.CASCADE, related_name="reports")
    reporter = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    reason = models.CharField(max_length=8, choices=Reason)
    words = models.TextField("details", blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["comment", "reporter"],
                name="report_once_per_reader",
                violation_error_message=_("You have already reported this comment."),
            )
        ]

    def __str__(self) -> str:
        return self.get_reason_display()


def open_reports() -> models.Q:
    """Visible comments reported since a moderator last approved them."""
    later = Report.objects.filter(comment=models.OuterRef("pk"), created_at__gt=models.OuterRef("approved_at"))
    return models.Q(models.Exists(later), status=Comment.Status.VISIBLE)
