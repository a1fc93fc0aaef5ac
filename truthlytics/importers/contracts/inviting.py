"""Personal links for readers who pay in an account that is not ours: they continue at the price that they know."""

from collections.abc import Iterator

from subscriptions.models import Coupon
from subscriptions.services.old_prices import link_to, offer_for, token_of
from truthlytics.importers.contracts.models import MovedContract


def personal_links() -> Iterator[tuple[str, str, str]]:
    """Return address, link and amount of each reader who has not used theirs, for an email that editors send."""
    rows = MovedContract.objects.done().filter(action="access", subscription__cancel_at=None)
    for row in rows.select_related("user", "subscription__price__plan"):
        if row.user is None or row.subscription is None or not row.subscription.is_live:
            continue
        coupon = Coupon.objects.filter(reader=row.user, archived_at=None, uses=0).first()
        price = row.subscription.price.successor()
        if coupon is not None and price is not None and (offer := offer_for(token_of(coupon, price))) is not None:
            yield row.user.email, link_to(coupon, price), str(offer.amount)
