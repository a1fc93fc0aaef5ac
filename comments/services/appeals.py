"""Appeals of writers against removals and suspensions, and the answers to them."""

from collections import Counter

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from comments.models import Appeal, Comment, Decision
from comments.models.comments import can_moderate, is_own
from comments.models.decisions import MAX_REASON_LENGTH
from comments.services.moderation import NotPossible, lift_suspension, restore_after_appeal
from truthlytics.publication.mail import send_email
from truthlytics.web.users import User

PUBLISHERS = "Publisher"


class AlreadyAppealed(Exception):
    """The writer has already appealed against this decision, with `appeal`."""

    def __init__(self, appeal: Appeal) -> None:
        super().__init__("There is an appeal against this decision.")
        self.appeal = appeal


class AlreadyAnswered(Exception):
    """Another moderator has already answered; `appeal` has the answer."""

    def __init__(self, appeal: Appeal) -> None:
        super().__init__("This appeal has been answered.")
        self.appeal = appeal


def appeal_against(*, decision: Decision, text: str) -> Appeal:
    """Record the writer's appeal. Raises AlreadyAppealed the second time, also if both arrive at once."""
    try:
        with transaction.atomic():
            return Appeal.objects.create(decision=decision, text=text)
    except IntegrityError:
        raise AlreadyAppealed(Appeal.objects.get(decision=decision)) from None


@transaction.atomic
def answer_appeal(*, appeal: Appeal, by: User, upheld: bool, reason: str) -> Appeal:
    """Uphold or reverse the decision, and email the writer the `reason`.

    Reversing restores the comment unless it was removed again, and lifts the suspension. Raises NotPossible without a
    reason or if `may_answer` is false, and AlreadyAnswered the second time.
    """
    reason = " ".join(reason.split())
    if not reason:
        raise NotPossible(_("Give a reason."))
    if len(reason) > MAX_REASON_LENGTH:
        raise NotPossible(_("The reason is too long."))
    # Locks the comment first, like the services that decide.
    Comment.objects.lock().filter(decisions=appeal.decision_id).first()
    locked = Appeal.objects.select_for_update().get(pk=appeal.pk)
    if locked.answered_at is not None:
        raise AlreadyAnswered(locked)
    if not may_answer(locked, by):
        raise NotPossible(_("You made this decision. Another moderator has to answer the appeal."))
    locked.answered_at, locked.answered_by, locked.upheld, locked.answer = timezone.now(), by, upheld, reason
    locked.is_own_decision = locked.decision.by_id == by.pk
    locked.save(update_fields=["answered_at", "answered_by", "upheld", "answer", "is_own_decision"])
    if not upheld:
        _reverse(locked.decision, by, reason)
    _email_writer(locked)
    return locked


def _reverse(decision: Decision, by: User, reason: str) -> None:
    if decision.suspension is not None:
        lift_suspension(suspension=decision.suspension, by=by, reason=reason)
    if decision.comment is not None:
        restore_after_appeal(decision=decision, by=by, reason=reason)


def moderators() -> dict[int, bool]:
    """Return the ids of all moderators, each with whether they are a publisher. One query."""
    permission = Permission.objects.filter(content_type__app_label="comments", codename="moderate_comment")
    allowed = Q(is_superuser=True) | Q(groups__permissions__in=permission) | Q(user_permissions__in=permission)
    users = get_user_model().objects.all()
    in_group = Exists(users.filter(pk=OuterRef("pk"), groups__name=PUBLISHERS))
    staff = users.filter(allowed, is_active=True, is_staff=True).annotate(is_publisher=in_group)
    found = staff.order_by().values_list("pk", "is_superuser", "is_publisher").distinct()
    return {pk: is_superuser or is_publisher for pk, is_superuser, is_publisher in found}


def may_answer(appeal: Appeal, user: User) -> bool:
    """Return whether `user` may answer: any moderator except the writer and, unless there is no other, the decider."""
    decision = appeal.decision
    if not can_moderate(user) or is_own(decision.writer_id, user):
        return False
    return decision.by_id != user.pk or not moderators().keys() - {decision.by_id, decision.writer_id}


def open_appeals_for(user: User) -> int:
    """Return the number of open appeals that this moderator should answer.

    An appeal is for the other moderators: for publishers only if there are no other ones, and for the moderator who
    decided only if there is no one else. It is never for its writer.
    """
    appeals = Counter(Appeal.objects.open().order_by().values_list("decision__by", "decision__writer"))
    if not appeals:
        return 0
    by_id = moderators()
    return sum(number for (by, writer), number in appeals.items() if user.pk in _responsible(by, writer, by_id))


def _responsible(decider: int | None, writer: int | None, by_id: dict[int, bool]) -> set[int | None]:
    others: set[int | None] = {pk for pk in by_id if pk not in {decider, writer}}
    return {pk for pk in others if pk and not by_id[pk]} or others or {decider} - {writer}


def _email_writer(appeal: Appeal) -> None:
    decision = appeal.decision
    if decision.writer is None:
        return
    send_email(
        "appeal_answered",
        to=decision.writer.email,
        context={
            "appeal": appeal,
            "decision": decision,
            # The comment may also have been removed by a later decision, or deleted by its writer.
            "is_removed": Comment.objects.filter(pk=decision.comment_id or 0, status=Comment.Status.REMOVED).exists(),
            "name": decision.writer.display_name,
            "appeal_url": appeal_url(decision),
        },
    )


def appeal_url(decision: Decision) -> str:
    return f"{settings.SITE_URL}{reverse('comments:appeal', args=[decision.pk])}"
