"""A reader's account on their page of the newsroom: access, subscriptions, orders, payments and comments."""

from typing import Any

from django.db.models import Count
from django.utils import timezone

from subscriptions.models import Payment, User

MAX_ROWS = 10
MAX_COMMENTS = 5


def account_context(user: User, viewer: Any) -> dict[str, Any]:
    """Return what `viewer` may see of the account of `user`; a missing key means no permission."""
    context: dict[str, Any] = {}
    if viewer.has_perm("subscriptions.view_grant"):
        context["grants"] = user.grants.running(timezone.now())[:MAX_ROWS]
    if viewer.has_perm("subscriptions.view_subscription"):
        context["subscriptions"] = user.subscriptions.select_related("user", "price__plan")[:MAX_ROWS]
    if viewer.has_perm("subscriptions.view_order"):
        context["orders"] = user.orders.prefetch_related("lines")[:MAX_ROWS]
    if viewer.has_perm("subscriptions.view_payment"):
        context["payments"] = Payment.objects.filter(order__user=user).select_related("order")[:MAX_ROWS]
    if viewer.has_perm("comments.view_comment"):
        comments: Any = user.comments  # type: ignore[attr-defined]
        context["comment_counts"] = dict(comments.order_by().values_list("status").annotate(Count("pk")))
        context["comments"] = comments.select_related("article").order_by("-created_at", "-pk")[:MAX_COMMENTS]
    return context
