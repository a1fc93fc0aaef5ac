"""A reader's account on their page of the newsroom, and the pages of what support can do for them."""

from collections.abc import Callable, Iterable
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Model
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from subscriptions.models import AccountNote, Gift, Payment, SentEmail, User
from subscriptions.services.sentences import payment_state, state_sentence, unconfirmed_sentence
from subscriptions.services.sessions import running_sessions
from truthlytics.audit.admin import AuditedAdmin
from truthlytics.audit.log import log_action

MAX_ROWS = 10
MAX_COMMENTS = 5
# What the page of an account shows: the permission that it needs, and how to read it.
SECTIONS: dict[str, tuple[str, Callable[[User], Iterable[object]]]] = {
    "grants": ("view_grant", lambda user: user.grants.all()[:MAX_ROWS]),
    "subscriptions": ("view_subscription", lambda user: _subscriptions(user)),
    "orders": ("view_order", lambda user: user.orders.prefetch_related("lines")[:MAX_ROWS]),
    "payments": ("view_payment", lambda user: _payments(user)),
    "gifts": ("view_gift", lambda user: Gift.objects.of(user)[:MAX_ROWS]),
    "notes": ("view_accountnote", lambda user: AccountNote.objects.filter(user=user)[:MAX_ROWS]),
    "emails": ("view_sentemail", lambda user: SentEmail.objects.filter(user=user)[:MAX_ROWS]),
}


OWN_ACCOUNT = _("This is your own account, so nothing was changed. Ask a colleague to do it.")


class ReasonField(forms.CharField):
    """The reason of an action, kept in the newsroom."""

    def __init__(self) -> None:
        super().__init__(
            label=_("Reason"),
            max_length=200,
            required=False,
            widget=forms.TextInput(attrs={"class": "vTextField"}),
            help_text=_("For the newsroom only."),
        )


def account_context(user: User, viewer: Any, *, may_change: bool = False) -> dict[str, object]:
    """Return what `viewer` may see of the account of `user`; a missing key means no permission.

    Devices are only shown with the permission to change the account, which includes logging them out.
    """
    context: dict[str, object] = {"now": timezone.now()}
    for name, (permission, rows) in SECTIONS.items():
        if viewer.has_perm(f"subscriptions.{permission}"):
            context[name] = list(rows(user))
    if may_change:
        context["sessions"] = running_sessions(user)[:MAX_ROWS]
    if viewer.has_perm("comments.view_comment"):
        comments: Any = user.comments
        context["comment_counts"] = dict(comments.order_by().values_list("status").annotate(Count("pk")))
        context["comments"] = comments.select_related("article").order_by("-created_at", "-pk")[:MAX_COMMENTS]
    return context


def _subscriptions(user: User) -> list[dict[str, object]]:
    rows = user.subscriptions.select_related("price__plan", "next_price__plan")[:MAX_ROWS]
    return [{"row": row, "state": state_sentence(row), "unconfirmed": unconfirmed_sentence(row)} for row in rows]


def _payments(user: User) -> list[dict[str, object]]:
    rows = Payment.objects.filter(user=user).select_related("order")[:MAX_ROWS]
    return [{"row": row, "state": payment_state(row), "can_refund": can_be_refunded(row)} for row in rows]


def can_be_refunded(payment: Payment) -> bool:
    """Return whether some of the payment is left to refund, and its reader's bank hasn't taken it back."""
    taken_back = payment.dispute in (Payment.Dispute.OPEN, Payment.Dispute.LOST)
    return payment.refundable.minor > 0 and not taken_back


def row_for_action(admin: AuditedAdmin, request: HttpRequest, pk: int, permission: str) -> Any:
    """Return the row, with a snapshot for the audit log. 404 if the user may not see it, 403 without `permission`."""
    row: Model | None = admin.get_object(request, str(pk))
    if row is None or not admin.has_view_permission(request, row):
        raise Http404("There is no such page.")
    if not request.user.has_perm(permission):
        raise PermissionDenied
    return row


def refused_for_oneself(reader: User, by: Any, action: str) -> bool:
    """Return whether `by` may not do `action` because it would be for their own account, and log that they tried.

    Anything that is worth money: access, refunds, payments received. Superusers may: they can change everything anyway.
    """
    if reader.pk != by.pk or by.is_superuser:
        return False
    log_action(by=by, row=reader, message=_("Refused for their own account: %(action)s") % {"action": action})
    return True


def own_account_page(
    admin: AuditedAdmin, request: HttpRequest, reader: User, title: str, **context: object
) -> HttpResponse | None:
    """Return the page that refuses a POST for one's own account; None if it is for someone else."""
    if request.method != "POST" or not refused_for_oneself(reader, request.user, f"{title}."):
        return None
    return action_page(admin, request, title=title, reader=reader, warning=OWN_ACCOUNT, status=403, **context)


def action_page(admin: AuditedAdmin, request: HttpRequest, status: int = 0, **context: object) -> HttpResponse:
    """Render the page that asks for confirmation; context: see the template."""
    context = admin.admin_site.each_context(request) | {"opts": admin.opts} | context
    status = status or (422 if request.method == "POST" else 200)
    return TemplateResponse(request, "admin/subscriptions/action.html", context, status=status)
