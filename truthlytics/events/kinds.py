"""The kinds of events. Their names are part of what other programs rely on: none is renamed or reused.

A new one needs its line here, in docs/events.md, and where it is sent: `new_event(Kind.…)`.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from truthlytics.web.plugins import event_kinds


class Kind(models.TextChoices):
    ARTICLE_PUBLISHED = "article.published", _("Article published")
    ARTICLE_UPDATED = "article.updated", _("Article updated")
    ARTICLE_CORRECTED = "article.corrected", _("Article corrected")
    ARTICLE_WITHDRAWN = "article.withdrawn", _("Article withdrawn")
    ARTICLE_RESTORED = "article.restored", _("Article restored")
    ARTICLE_REDACTED = "article.redacted", _("Text of an article removed")
    DOSSIER_PUBLISHED = "dossier.published", _("Dossier published")
    DOSSIER_UPDATED = "dossier.updated", _("Dossier updated")
    DOSSIER_WITHDRAWN = "dossier.withdrawn", _("Dossier withdrawn")
    DOSSIER_RESTORED = "dossier.restored", _("Dossier restored")
    DOSSIER_REDACTED = "dossier.redacted", _("Text of a dossier removed")
    PAGE_PUBLISHED = "page.published", _("Page published")
    PAGE_UPDATED = "page.updated", _("Page updated")
    PAGE_WITHDRAWN = "page.withdrawn", _("Page withdrawn")
    PAGE_RESTORED = "page.restored", _("Page restored")
    PAGE_REDACTED = "page.redacted", _("Text of a page removed")
    COMMENT_WAITING = "comment.waiting", _("Comment waits for moderation")
    COMMENT_SHOWN = "comment.shown", _("Comment shown")
    COMMENT_REMOVED = "comment.removed", _("Comment removed")
    ERROR_REPORT_RECEIVED = "error_report.received", _("Error reported")
    ERROR_REPORT_ANSWERED = "error_report.answered", _("Error report answered")
    READER_CREATED = "reader.created", _("Account created")
    READER_CONFIRMED = "reader.confirmed", _("Email address confirmed")
    READER_DELETED = "reader.deleted", _("Account deleted")
    SUBSCRIPTION_STARTED = "subscription.started", _("Subscription started")
    SUBSCRIPTION_RENEWED = "subscription.renewed", _("Subscription renewed")
    SUBSCRIPTION_CHANGED = "subscription.changed", _("Subscription changed")
    SUBSCRIPTION_PAST_DUE = "subscription.past_due", _("Subscription past due")
    SUBSCRIPTION_CANCELLED = "subscription.cancelled", _("Subscription cancelled")
    SUBSCRIPTION_ENDED = "subscription.ended", _("Subscription ended")
    PAYMENT_RECEIVED = "payment.received", _("Payment received")
    PAYMENT_REFUNDED = "payment.refunded", _("Payment refunded")
    GIFT_BOUGHT = "gift.bought", _("Gift bought")
    GIFT_REDEEMED = "gift.redeemed", _("Gift redeemed")
    TEST = "test", _("Test")


def choices() -> list[tuple[str, str]]:
    """Return what can be chosen. A test goes to the endpoint that asked for it."""
    return [(kind.value, str(kind.label)) for kind in _every_kind() if kind != Kind.TEST]


def known(kind: str) -> models.TextChoices:
    """Return `kind`, of the site, a feature or a plug-in, as its class has it. Raises ValueError if there is none."""
    for found in _every_kind():
        if found.value == kind:
            return found
    raise ValueError(f"There is no event “{kind}”. docs/events.md lists those that there are.")


def label_of(kind: str) -> str:
    """Return the name of a kind for people; its own if it does not exist any more."""
    try:
        return str(known(kind).label)
    except ValueError:
        return kind


def _every_kind() -> list[models.TextChoices]:
    return [*Kind, *(kind for kinds in event_kinds() for kind in kinds if kind.value not in Kind)]
