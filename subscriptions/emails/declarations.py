"""The emails about a declaration: that it was received, and what follows from it once its sender is known."""

import re
import unicodedata

from django.urls import reverse
from django.utils import timezone

from subscriptions.emails.once import Content, kind, send_once
from subscriptions.models import Declaration
from subscriptions.models.notice import amounts, pays_back
from truthlytics.publication.mail import send_email
from truthlytics.web.text import strip_control_characters

# What would let a mail program make a link or an address of typed words.
_LINKING = re.compile(r"[/\\@<>{}\[\]|]|(?<=\w)[.:。․](?=[^\W\d])")


def unlinked(text: str) -> str:
    """Return typed `text` on one line and without anything that a mail program makes a link of.

    Anyone can have these words sent to any address.
    """
    plain = unicodedata.normalize("NFKC", strip_control_characters(text))
    return " ".join(_LINKING.sub(" ", plain).split())


def declaration_received(declaration: Declaration, token: str) -> bool:
    """Confirm to an unknown sender when a declaration was received, once.

    Confirms its content at once, as § 312k (4) BGB wants. The address is not proven, so that typed words are repeated
    as such and without links. The link of `token`, with which the account’s reader confirms it, is only sent to the
    address of the account.
    """
    unconfirmed = Declaration.objects.filter(pk=declaration.pk, confirmed_at=None)
    if not declaration.email or not unconfirmed.update(confirmed_at=timezone.now()):
        return False
    path = reverse("subscriptions:confirm_declaration", args=[token]) if token else ""
    account = declaration.user.email if declaration.user is not None else ""
    is_own = account.lower() == declaration.email.lower()
    typed = Declaration(
        kind=declaration.kind,
        declared_at=declaration.declared_at,
        ends_on=declaration.ends_on,
        email=declaration.email,
        **{name: unlinked(getattr(declaration, name)) for name in ("name", "contract", "reason")},
    )
    context: dict[str, object] = {"declaration": typed, "path": path if is_own else ""}
    send_email("declaration_received", to=declaration.email, context=context)
    if account and not is_own:
        typed.email = unlinked(declaration.email)
        send_email("declaration_received", to=account, context=context | {"path": path})
    return True


def declared(declaration: Declaration) -> bool:
    """Tell the reader what was declared and what follows, once, and again when its contract is found."""
    Declaration.objects.filter(pk=declaration.pk, confirmed_at=None).update(confirmed_at=timezone.now())
    return declaration.user is not None and send_once("declared", declaration)


@kind(
    "declared",
    Declaration,
    field="pk",
    details=lambda declaration: (declaration.order_id or declaration.subscription_id or 0,),
    holds=lambda declaration: declaration.undone_at is None,
)
def _declared(declaration: Declaration) -> Content:
    order = declaration.order
    is_paid = order is not None and order.payments.filter(status="succeeded").exists()
    context = {
        "declaration": declaration,
        "order": order,
        "subscription": declaration.subscription,
        "is_paid": is_paid,
        "pays_back": _pays_back(declaration),
    }
    return Content(declaration.user, context)  # type: ignore[arg-type]


def _pays_back(declaration: Declaration) -> str:
    """Return what a cancellation gives back of the payments for the time after its end, "" if nothing."""
    subscription, end = declaration.subscription, declaration.effective_at
    if subscription is None or end is None or declaration.is_withdrawal:
        return ""
    return amounts(pays_back(subscription, end))
