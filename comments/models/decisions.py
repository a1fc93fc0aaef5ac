"""What moderators decided, suspensions of writers, and appeals."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Max, Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from comments.models.comments import Comment
from truthlytics.web.users import User

MAX_REASON_LENGTH = 300
MAX_APPEAL_LENGTH = 2000
MAX_NAME_LENGTH = 80
UNDO_WINDOW = timedelta(seconds=10)
# Decisions about which writers are emailed.
EMAILED_KINDS = ("remove", "ask", "suspend")


class SuspensionQuerySet(models.QuerySet["Suspension"]):
    def in_force(self, now: datetime | None = None) -> Self:
        return self.filter(Q(until=None) | Q(until__gt=now or timezone.now()), lifted_at=None)


class Suspension(models.Model):
    """A writer may not comment until a date, or until a moderator lifts the suspension."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="suspensions")
    reason = models.CharField(max_length=MAX_REASON_LENGTH, help_text=_("The writer reads this."))
    created_at = models.DateTimeField(default=timezone.now)
    until = models.DateTimeField(
        null=True, blank=True, help_text=_("Leave blank to suspend the reader until you lift it.")
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")

    objects = SuspensionQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gt=F("created_at")),
                name="suspension_ends_after_it_begins",
                violation_error_message=_("Choose an end in the future."),
            ),
            models.CheckConstraint(
                condition=~Q(reason=""),
                name="suspension_has_reason",
                violation_error_message=_("Give a reason for the suspension."),
            ),
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(until=None, lifted_at=None),
                name="one_open_ended_suspension",
                violation_error_message=_("This writer is already suspended."),
            ),
        ]

    def __str__(self) -> str:
        return self.reason

    def is_in_force(self, now: datetime | None = None) -> bool:
        return self.lifted_at is None and (self.until is None or self.until > (now or timezone.now()))


class DecisionQuerySet(models.QuerySet["Decision"]):
    def not_undone(self) -> Self:
        return self.filter(undone_at=None)

    def newest_ids(self, comments: Collection[int]) -> dict[int, int]:
        """Return the newest decision that was not undone by comment, for `seen` of `services.decide`."""
        found = self.not_undone().filter(comment__in=comments).order_by().values_list("comment")
        return dict(found.annotate(Max("pk")))

    def appealable_by(self, user: User, now: datetime | None = None) -> Self:
        """Removals and suspensions that this writer can read about and appeal against."""
        closed = (now or timezone.now()) - UNDO_WINDOW
        return self.not_undone().filter(kind__in=["remove", "suspend"], writer=user, created_at__lte=closed)

    def newest_appealable(self, user: User, comments: Collection[int], now: datetime | None = None) -> dict[int, int]:
        """Return, by comment, the newest decision that this writer can appeal against. One query."""
        return self.appealable_by(user, now).newest_ids(comments)

    def to_email(self, now: datetime) -> Self:
        """Decisions about which the writers have not been emailed yet, oldest first."""
        due = self.not_undone().filter(emailed_at=None, kind__in=EMAILED_KINDS, created_at__lte=now - UNDO_WINDOW)
        return due.order_by("created_at", "pk")


class Decision(models.Model):
    """A decision of a moderator. Never deleted, and keeps the names of deleted accounts of moderators.

    `before` has what an undo restores. The writer is emailed after `UNDO_WINDOW`.
    """

    class Kind(models.TextChoices):
        APPROVE = "approve", _("Approved")
        REMOVE = "remove", _("Removed")
        ASK = "ask", _("Asked to edit")
        SUSPEND = "suspend", _("Suspended")
        RESTORE = "restore", _("Restored")
        LIFT = "lift", _("Suspension lifted")
        PICK = "pick", _("Picked")
        UNPICK = "unpick", _("No longer picked")

    kind = models.CharField(max_length=8, choices=Kind)
    comment = models.ForeignKey(Comment, models.SET_NULL, null=True, blank=True, related_name="decisions")
    suspension = models.ForeignKey(Suspension, models.SET_NULL, null=True, blank=True, related_name="decisions")
    # The text of the comment at the time, and the reason given to its writer.
    words = models.TextField(blank=True)
    reason = models.CharField(max_length=MAX_REASON_LENGTH, blank=True)
    writer = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    writer_name = models.CharField(max_length=MAX_NAME_LENGTH, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    by_name = models.CharField(max_length=MAX_NAME_LENGTH, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    before = models.JSONField(default=dict, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)
    # When the writer was emailed, or no email was needed: the decision was reversed or the account deleted.
    emailed_at = models.DateTimeField(null=True, blank=True)

    objects = DecisionQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="decision_by_date"),
            models.Index(
                fields=["created_at"],
                name="decision_to_email",
                condition=Q(emailed_at=None, undone_at=None, kind__in=["remove", "ask", "suspend"]),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["approve", "remove", "ask", "suspend", "restore", "lift", "pick", "unpick"]),
                name="decision_kind_valid",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.writer_name}"

    def is_in_force(self, now: datetime | None = None) -> bool:
        """Return whether the writer is still suspended or the comment still removed."""
        if self.suspension is not None and self.suspension.is_in_force(now):
            return True
        return self.comment is not None and self.comment.is_removed

    def is_undoable_by(self, moderator: User, now: datetime | None = None) -> bool:
        """Return whether `moderator` may undo it: it is their own, and made within `UNDO_WINDOW`."""
        is_own = self.by_id is not None and self.by_id == moderator.pk
        is_recent = (now or timezone.now()) < self.created_at + UNDO_WINDOW
        return is_own and is_recent and bool(self.before) and self.undone_at is None and self.emailed_at is None


class AppealQuerySet(models.QuerySet["Appeal"]):
    def open(self) -> Self:
        return self.filter(answered_at=None)


class Appeal(models.Model):
    """A writer's answer to a removal or suspension. One for each decision."""

    decision = models.OneToOneField(Decision, models.CASCADE, related_name="appeal")
    text = models.TextField(max_length=MAX_APPEAL_LENGTH)
    created_at = models.DateTimeField(default=timezone.now)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    upheld = models.BooleanField(_("the decision stands"), null=True, blank=True)
    answer = models.CharField(max_length=MAX_REASON_LENGTH, blank=True)
    # Answered by the moderator who made the decision, because there was no other.
    is_own_decision = models.BooleanField(_("own decision"), default=False)

    objects = AppealQuerySet.as_manager()

    class Meta:
        ordering = ["created_at", "pk"]
        indexes = [models.Index(fields=["created_at"], name="appeal_open", condition=Q(answered_at=None))]
        constraints = [
            models.CheckConstraint(
                condition=Q(answered_at=None, upheld=None) | Q(answered_at__isnull=False, upheld__isnull=False),
                name="appeal_answered_with_result",
            ),
        ]

    def __str__(self) -> str:
        return gettext("Appeal against decision %(number)s") % {"number": self.decision_id}
