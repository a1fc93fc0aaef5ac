"""Appeals of writers against removals and suspensions, and the answers to them."""

from collections import Counter
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from comments.models import Appeal, Comment, Decision
from comments.models.comments import can_moderate
from comments.models.decisions import MAX_REASON_LENGTH
from comments.services.moderation import NotPossible, lift, restore_after_appeal
from truthlytics.web.mail import send_email

PUBLISHERS = "Publisher"


class AlreadyAppealed(Exception):
    """The writer has appealed against this decision before; `appeal` is that."""

    def __init__(self, appeal: Appeal) -> None:
        super().__init__("There is an appeal against this decision.")
        self.appeal = appeal


class AlreadyAnswered(Exception):
    """Somebody else has answered the appeal; `appeal` has the answer."""

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
def answer(*, appeal: Appeal, by: Any, upheld: bool, sentence: str) -> Appeal:
    """Answer an appeal and email the writer: the decision stands (`upheld`), or is reversed.

    Reversing restores the comment unless it was removed again, and lifts the suspension. Raises NotPossible without a
    sentence or if `by` decided it while somebody else could answer, and AlreadyAnswered the second time.
    """
    sentence = " ".join(sentence.split())
    if not sentence:
        raise NotPossible(_("Give a reason."))
    if len(sentence) > MAX_REASON_LENGTH:
        raise NotPossible(_("The reason is too long."))
    # The comment first, in the same order as decisions do.
    Comment.objects.select_for_update().filter(decisions=appeal.decision_id).first()
    locked = Appeal.objects.select_for_update().get(pk=appeal.pk)
    if locked.answered_at is not None:
        raise AlreadyAnswered(locked)
    if not may_answer(locked, by):
        raise NotPossible(_("You made this decision. Somebody else answers the appeal."))
    locked.answered_at, locked.answered_by, locked.upheld, locked.answer = timezone.now(), by, upheld, sentence
    locked.is_own_decision = locked.decision.by_id == by.pk
    locked.save(update_fields=["answered_at", "answered_by", "upheld", "answer", "is_own_decision"])
    if not upheld:
        _reverse(locked.decision, by, sentence)
    _email_writer(locked)
    return locked


def _reverse(decision: Decision, by: Any, sentence: str) -> None:
    if decision.suspension is not None:
        lift(suspension=decision.suspension, by=by, reason=sentence)
    if decision.comment is not None:
        restore_after_appeal(decision=decision, by=by, reason=sentence)


def moderators() -> dict[int, bool]:
    """Return everybody who may moderate comments, and whether they are publishers. One query."""
    permission = Permission.objects.filter(content_type__app_label="comments", codename="moderate_comment")
    allowed = Q(is_superuser=True) | Q(groups__permissions__in=permission) | Q(user_permissions__in=permission)
    users = get_user_model().objects.all()
    in_group = Exists(users.filter(pk=OuterRef("pk"), groups__name=PUBLISHERS))
    staff = users.filter(allowed, is_active=True, is_staff=True).annotate(is_publisher=in_group)
    found = staff.order_by().values_list("pk", "is_superuser", "is_publisher").distinct()
    return {pk: is_superuser or is_publisher for pk, is_superuser, is_publisher in found}


def may_answer(appeal: Appeal, user: Any) -> bool:
    """Return whether `user` may answer: any moderator but the one who decided, unless there is no other."""
    if not can_moderate(user):
        return False
    return appeal.decision.by_id != user.pk or not moderators().keys() - {user.pk}


def waiting_for(user: Any) -> int:
    """Return how many open appeals are shown to this moderator.

    They are shown to the other moderators, without any to the publishers, and without those to whoever decided.
    """
    deciders = Counter(Appeal.objects.open().order_by().values_list("decision__by", flat=True))
    if not deciders:
        return 0
    everybody = moderators()
    return sum(number for decider, number in deciders.items() if user.pk in _shown_to(decider, everybody))


def _shown_to(decider: int | None, everybody: dict[int, bool]) -> set[int]:
    others = everybody.keys() - {decider}
    return {pk for pk in others if not everybody[pk]} or others or {decider or 0}


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
            "name": decision.writer.display_name,
            "appeal_url": appeal_url(decision),
        },
    )


def appeal_url(decision: Decision) -> str:
    return f"{settings.SITE_URL}{reverse('comments:appeal', args=[decision.pk])}"
