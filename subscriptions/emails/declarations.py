"""The email that confirms a declaration, with what was declared and when it was received."""

from django.utils import timezone

from subscriptions.emails.once import Content, kind, send_once
from subscriptions.models import Declaration
from truthlytics.web.mail import send_email


def declared(declaration: Declaration) -> bool:
    """Confirm a declaration once to the person who made it, with or without an account."""
    unconfirmed = Declaration.objects.filter(pk=declaration.pk, confirmed_at=None)
    if not declaration.email or not unconfirmed.update(confirmed_at=timezone.now()):
        return False
    if declaration.user is not None:
        return send_once("declared", declaration)
    send_email("declared", to=declaration.email, context=_context(declaration))
    return True


@kind("declared", Declaration, field="pk", holds=lambda declaration: bool(declaration.email))
def _declared(declaration: Declaration) -> Content:
    # Only for declarations of readers that are known: see `declared`.
    return Content(declaration.user, _context(declaration), to=declaration.email)  # type: ignore[arg-type]


def _context(declaration: Declaration) -> dict[str, object]:
    order = declaration.order
    is_paid = order is not None and order.payments.filter(status="succeeded").exists()
    return {"declaration": declaration, "order": order, "subscription": declaration.subscription, "is_paid": is_paid}
